"""Append the product's own events to the log, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from events.codec import encode
from events.envelope import Envelope
from events.log import Message, Position


class Appends(Protocol):
    """The part of the log that emits events."""

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        """Append messages in order; see `events.log.EventLog`."""
        ...


def say(log: Appends, topic: str, events: Iterable[Envelope]) -> int:
    """Append events durably and return how many.

    Raises:
        LogUnavailable: a passing error; some events may have been appended.
    """
    messages = [Message(key=event.partition_key, value=encode(event)) for event in events]
    if messages:
        log.append(topic, messages)
    return len(messages)
