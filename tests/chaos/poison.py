"""Ways in which a record can be broken, each made from a good event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from events.topics import MAX_EVENT_BYTES

Breaks = Callable[[bytes], bytes]


def _changed(**members: Any) -> Breaks:
    """Give members of the envelope another value."""
    return lambda value: orjson.dumps(orjson.loads(value) | members)


def _without(member: str) -> Breaks:
    def breaks(value: bytes) -> bytes:
        event = orjson.loads(value)
        del event[member]
        return orjson.dumps(event)

    return breaks


def _of_a_later_version(value: bytes) -> bytes:
    event = orjson.loads(value)
    event["dataschema"] += "9"
    return orjson.dumps(event)


def _with_a_foreign_word(value: bytes) -> bytes:
    event = orjson.loads(value)
    event["data"] |= {"channel": "pigeon", "severity": "pigeon"}
    return orjson.dumps(event)


def _filled_up(value: bytes) -> bytes:
    """A text so long that the log only just takes it."""
    event = orjson.loads(value)
    event["data"]["channel"] = "x" * (MAX_EVENT_BYTES - len(value) - 100)
    return orjson.dumps(event)


KINDS: dict[str, Breaks] = {
    "bytes that are no UTF-8": lambda value: value.replace(b'"id":"', b'"id":"\xff\xfe', 1),
    "JSON that ends in the middle": lambda value: value[: len(value) // 2],
    "brackets nested 5,000 deep": lambda _: b"[" * 5_000 + b"]" * 5_000,
    "a type that nobody knows": _changed(type="case.vanished"),
    "a version that nobody knows": _of_a_later_version,
    "a subject that is no key": _changed(subject="H56.15607-000001"),
    "a subject that no database takes": _changed(subject="a\0b", partitionkey="a\0b"),
    "no source": _without("source"),
    "a word that no list has": _with_a_foreign_word,
    "a text near the limit": _filled_up,
    "nothing": lambda _: b"",
    "an array": lambda value: b"[" + value + b"]",
    "a time that is none": _changed(time="yesterday"),
}
