"""Write the folded state of an aggregate as JSON and read it back equal."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel

State = TypeVar("State", bound=msgspec.Struct)


def write_state(state: msgspec.Struct) -> bytes:
    """Return a whole state as JSON."""
    return _encoder().encode(state)


def reader_of(kind: type[State]) -> Callable[[bytes | str], State]:
    """Return what reads the states that `write_state` wrote; it raises msgspec.ValidationError for anything else.

    To be called once for a class, where its module is loaded: msgspec builds what it knows of a class in steps, and lets
    other threads run between them. A thread that meets a class half built ends the process.
    """
    decode: Callable[[bytes | str], State] = msgspec.json.Decoder(kind, dec_hook=_from_builtin).decode
    return decode


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
