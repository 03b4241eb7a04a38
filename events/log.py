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
    """One message of a producer: a key that fixes the partition, and the bytes of one event."""

    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def must_fit(topic: Topic, messages: Sequence[Message]) -> None:
    """Raise an error if a message is larger than its topic allows.

    Raises:
        EventTooLarge: names the first such message.
    """
    for number, message in enumerate(messages):
        if len(message.value) > topic.max_event_bytes:
            raise EventTooLarge(
                f"message {number} for {topic.name} has {len(message.value)} bytes; the limit is {topic.max_event_bytes}"
            )


class Position(msgspec.Struct, frozen=True, order=True, gc=False):
    """The position of one record: offsets count up by one within a partition and are never reused."""

    topic: str
    partition: int
    offset: int


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record as a consumer reads it: the bytes as they were appended, and their position."""

    position: Position
    key: str
    value: bytes
    headers: Mapping[str, str]
    appended_at: dt.datetime


class EventLog(Protocol):
    """Append events durably and open consumers.

    A group is the consumers that share the partitions of a topic and commit their positions together. The
    epoch is the number of the log. Guarantees: `append` returns only after every message is durable; records
    of one partition are read in the order of their offsets; delivery is at least once; a record may be in the
    log twice if a producer died after an append and before it noted that append. Safe to use from several
    threads.
    """

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        """Append messages in order, all or none within one partition, and return their positions in the same order.

        Raises:
            UnknownTopic: the topic is not in the topic table.
            EventTooLarge: a message is over the limit of its topic (nothing was appended), or over that of
                the broker.
            LogUnavailable: a passing fault; some partitions may have been written.
        """
        ...

    def open_consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        """Join a group; its live members share the partitions of these topics among themselves.

        A partition without a committed position is read from its beginning.
        """
        ...

    def first_positions(self, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the oldest record held: above 0 after deletions."""
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
        """Return the number of this log: higher in a log that was restored or replaced another one."""
        ...

    def close(self) -> None:
        """Release the log's resources and end its open consumers."""
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
        """Return whether this member still owns the partitions of records that it polled before.

        If it does not, another member has them or they will be polled again, so the caller may drop them.
        """
        ...

    def commit(self, records: Sequence[Record]) -> None:
        """Commit durably that these records, and all before them in their partitions, are finished.

        A member that no longer owns a partition commits nothing for it.
        """
        ...

    def rewind(self) -> None:
        """Go back to the committed positions: records polled and not committed are delivered again."""
        ...

    def wake(self) -> None:
        """Make a waiting `poll` return at once."""
        ...

    def rejoin(self) -> None:
        """Ask for the partitions of the group to be shared out again, where members do that among themselves."""
        ...

    def close(self) -> None:
        """Leave the group; the other members take the partitions over."""
        ...
