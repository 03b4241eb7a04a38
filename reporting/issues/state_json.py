"""Write the folded state of an aggregate as JSON and read it back equal."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel

State = TypeVar("State", bound=msgspec.Struct)
_BUILDING = threading.Lock()
"""msgspec builds what it knows of a class in steps, and lets other threads run between them: a thread that meets a class
half built ends the process. So one builds, and the others wait."""


def write_state(state: msgspec.Struct) -> bytes:
    """Return a whole state as JSON."""
    return _encoder().encode(state)


def read_state(kind: type[State], value: bytes | str) -> State:
    """Return the state that `write_state` wrote.

    Raises:
        msgspec.ValidationError: the value is not a state of this kind.
    """
    with _BUILDING:
        decoder = _decoder(kind)
    found: State = decoder.decode(value)
    return found


def _to_builtin(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    raise TypeError(f"{type(value).__name__} does not belong into a folded state")


def _from_builtin(kind: type, value: Any) -> Any:
    if issubclass(kind, BaseModel):
        return kind.model_validate(value, strict=False)
    raise TypeError(f"{kind.__name__} does not belong into a folded state")


@cache
def _encoder() -> msgspec.json.Encoder:
    return msgspec.json.Encoder(enc_hook=_to_builtin)


@cache
def _decoder(kind: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_from_builtin)
