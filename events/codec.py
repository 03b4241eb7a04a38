"""Encode events as bytes and decode bytes into events; name the rule that invalid bytes break.

A value that is the default of its field is not written: the default is a part of the contract, as the published
schemas state it, and another default is another version. The same holds for a value that follows from other fields.

Evolution rule: a reader of version n of a type also reads version n - 1 (`upgrade` turns its `data` into
today's); anything else is refused as an unknown version and set aside, to be replayed by a release that knows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Union, cast

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from events.envelope import STATED, Envelope
from events.errors import ContractError, InvalidEvent, MalformedEvent, UnknownEventType, UnknownEventVersion
from events.fields import Payload
from events.registry import ALL_EVENTS, EVENT_TYPES

_DATASCHEMA = re.compile(r"urn:liencap:([a-z_.]+):([0-9]{1,4})")
_ATTRIBUTES_EVERY_EVENT_HAS = ("specversion", "id", "source", "type", "dataschema")
_STATED = frozenset(STATED)


@cache
def _any_event() -> TypeAdapter[Envelope]:
    union: Any = Annotated[Union[ALL_EVENTS], Field(discriminator="type")]  # noqa: UP007 -- built from a tuple
    return TypeAdapter(union)


def encode(event: Envelope) -> bytes:
    """Write an event as CloudEvents structured JSON; absent attributes, defaults and what follows are left out."""
    cls, implied = type(event), _implied(event)
    written = _writer_of(cls).dump_json(
        event,
        by_alias=True,
        exclude_none=True,
        exclude_defaults=True,
        exclude=_left_out(implied, _implied(event.data)),
    )
    denied = _denied(event) if len(implied) < len(_rules_of(cls)) else ""
    return _head_of(cls, denied) + written[1:]


def _implied(part: Payload) -> tuple[str, ...]:
    """Return the fields whose value follows from the others."""
    said = vars(part)
    return tuple([name for name, rule in _rules_of(type(part)) if said[name] == rule(said)])


def _denied(event: Envelope) -> str:
    """Return the members that say null, because a value would follow where the event has none."""
    said, fields = vars(event), type(event).model_fields
    names = [name for name, rule in _rules_of(type(event)) if said[name] is None and rule(said) is not None]
    return "".join(f'"{fields[name].alias}":null,' for name in names)


@cache
def _left_out(implied: tuple[str, ...], of_data: tuple[str, ...]) -> dict[str, Any]:
    return {**dict.fromkeys(implied, True), **({"data": {*of_data}} if of_data else {})}


@cache
def _writer_of(cls: type[Envelope]) -> TypeAdapter[Envelope]:
    return TypeAdapter(cls)


@cache
def _rules_of(cls: type[Payload]) -> tuple[tuple[str, Callable[[dict[str, Any]], Any]], ...]:
    """Return the fields of a model whose default follows from those before them, with the rule of each."""
    return tuple(
        (name, cast("Callable[[dict[str, Any]], Any]", info.default_factory))
        for name, info in cls.model_fields.items()
        if info.default_factory_takes_validated_data
    )


@cache
def _head_of(cls: type[Envelope], denied: str) -> bytes:
    """Return the begin of an event of a type: the attributes of `STATED` and those that say null, with a comma."""
    stated = orjson.dumps({name: cls.model_fields[name].default for name in STATED}).decode()
    return f"{stated[:-1]},{denied}".encode()


def decode(value: bytes) -> Envelope:
    """Decode an event of this version or the one before it; every reader of the log uses this one check.

    `land` sets a refused record aside. All other readers skip it: the other processors, the recovery of a
    store, a replay. So the contract must refuse everything in an event that could stop one of those readers.

    Raises:
        MalformedEvent: not JSON or no envelope.
        UnknownEventType: a type that this release does not know.
        UnknownEventVersion: a version that this release does not read.
        InvalidEvent: the first rule that the content breaks, with its field.
    """
    try:
        event = _any_event().validate_json(value, by_alias=True, by_name=False)
    except ValidationError as error:
        return _read_slowly(value, error)
    if unstated := _STATED - event.model_fields_set:
        raise _no_envelope(min(unstated))
    return event


def _read_slowly(value: bytes, error: ValidationError) -> Envelope:
    """Upgrade an event of the version before, or raise the detail that the fast path met."""
    try:
        raw: Any = orjson.loads(value)
    except orjson.JSONDecodeError as not_json:
        raise MalformedEvent(f"not JSON: {not_json}") from None
    if not isinstance(raw, dict):
        raise MalformedEvent("an event is a JSON object")
    missing = [name for name in _ATTRIBUTES_EVERY_EVENT_HAS if name not in raw]
    if missing:
        raise _no_envelope(missing[0])
    cls = EVENT_TYPES.get(str(raw["type"]))
    if cls is None:
        raise UnknownEventType(f"this release knows no event type {str(raw['type'])[:80]!r}", field="type")
    version = _version_of(raw, cls)
    if version == cls.version():
        raise _first_error(error) from None
    return _upgraded(raw, cls, version)


def _no_envelope(missing: str) -> MalformedEvent:
    return MalformedEvent(f"not a CloudEvents envelope: {missing!r} is missing", field=missing)


def _version_of(raw: dict[str, Any], cls: type[Envelope]) -> int:
    found = _DATASCHEMA.fullmatch(str(raw["dataschema"]))
    if found is None or found[1] != raw["type"]:
        expected = f"urn:liencap:{raw['type']}:{cls.version()}"
        raise InvalidEvent(f"dataschema must be {expected}", field="dataschema")
    return int(found[2])


def _upgraded(raw: dict[str, Any], cls: type[Envelope], version: int) -> Envelope:
    current = cls.version()
    if version != current - 1 or version < 1:
        raise UnknownEventVersion(
            f"{raw['type']} version {version} is not read here: this release reads {current} and the one before it",
            field="dataschema",
        )
    data = raw.get("data")
    lifted = {
        **cls.upgrade_attributes(raw),
        "dataschema": f"urn:liencap:{raw['type']}:{current}",
        "data": cls.upgrade(data) if isinstance(data, dict) else data,
    }
    try:
        return cls.model_validate_json(orjson.dumps(lifted), by_alias=True, by_name=False)
    except ValidationError as error:
        raise _first_error(error) from None


def _first_error(error: ValidationError) -> ContractError:
    detail = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in detail["loc"] if str(part) not in EVENT_TYPES)
    return InvalidEvent(f"{where or 'event'}: {detail['msg']}", field=where or None)
