"""The port of the event log: append-only topics, partitioned by key, read by consumer groups at least once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from events.errors import EventTooLarge
from events.topics import Topic


@dataclass(frozen=True, slots=True)
class Message:
    """What a producer hands over: a key that fixes the partition, and the bytes of one event."""

    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def must_fit(topic: Topic, messages: Sequence[Message]) -> None:
    """Refuse messages of which one is larger than its topic takes.

    Raises:
        EventTooLarge: names the first.
    """
    for number, message in enumerate(messages):
        if len(message.value) > topic.max_event_bytes:
            raise EventTooLarge(
                f"message {number} for {topic.name} has {len(message.value)} bytes; the limit is {topic.max_event_bytes}"
            )


class Position(msgspec.Struct, frozen=True, order=True, gc=False):
    """Where one record lies: offsets count up by one within a partition and are never reused."""

    topic: str
    partition: int
    offset: int


class Record(msgspec.Struct, frozen=True, gc=False):
    """What a consumer gets: the bytes as they were appended, and where they lie."""

    position: Position
    key: str
    value: bytes
    headers: Mapping[str, str]
    appended_at: dt.datetime


class EventLog(Protocol):
    """Append events durably and open consumers.

    Guarantees: `append` returns only after every message is durable; records of one partition are read in the
    order of their offsets; delivery is at least once; a record may stand in the log twice when a producer died
    between an append and its own note of it. Safe to use from several threads.
    """

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        """Append messages in order, all or none within one partition, and return their positions in the same order.

        Raises:
            UnknownTopic: the topic is not in the topic table.
            EventTooLarge: a message is over what its topic takes (nothing was appended), or over what the broker takes.
            LogUnavailable: a passing fault; some partitions may have been written.
        """
        ...

    def open_consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        """Join a group; its live members share the partitions of these topics among themselves.

        A partition without a committed position is read from its beginning.
        """
        ...

    def first_positions(self, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the first record that is still held: above 0 where some were deleted."""
        ...

    def end_positions(self, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset that the next record will get."""
        ...

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the next record that the group has not finished."""
        ...

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Record]:
        """Return up to `limit` records from offset `start` on, outside any group."""
        ...

    @property
    def epoch(self) -> int:
        """Tell which log this is: a restored or replaced log has a higher number than the one before it."""
        ...

    def close(self) -> None:
        """Release what the log holds; open consumers end."""
        ...


class Consumer(Protocol):
    """One member of a consumer group.

    One thread polls at a time; `commit`, `wake` and `close` may be called beside it.
    """

    def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        """Return the next records of the assigned partitions, waiting up to `timeout` seconds for the first.

        Records not committed before this member leaves or dies are delivered again to the next owner.

        Raises:
            LogUnavailable: a passing fault.
        """
        ...

    def holds(self, records: Sequence[Record]) -> bool:
        """Tell whether these records, polled before, are still this member's to finish.

        When they are not, another member has them or they will be polled again: whoever holds them may drop them.
        """
        ...

    def commit(self, records: Sequence[Record]) -> None:
        """Note durably that these records, and all before them in their partitions, are finished.

        A member that no longer owns a partition commits nothing for it.
        """
        ...

    def rewind(self) -> None:
        """Go back to the committed positions: what was polled and not committed is delivered again."""
        ...

    def wake(self) -> None:
        """Make a waiting `poll` return at once."""
        ...

    def close(self) -> None:
        """Leave the group; the other members take the partitions over."""
        ...
