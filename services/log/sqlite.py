"""The event log on one SQLite file: partitions by key, consumer groups, at-least-once delivery, no server."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import sqlite3
import threading
import weakref
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from events.errors import LogUnavailable
from events.log import Message, Position, Record, must_fit
from events.topics import partition_for, topic_named
from services.log.sqlite_consumer import SqliteConsumer
from services.log.sqlite_file import (
    committed_positions,
    connect,
    end_position,
    end_positions,
    first_position,
    pack,
    prepare,
    read_records,
    transient_errors,
)
from services.log.sqlite_groups import Groups

# The hash is pure Python, and keys repeat (communes, issues in work), so partitions are cached.
_placed = lru_cache(maxsize=65_536)(partition_for)


class SqliteLog:
    """Keeps the events of every topic in one file, durably (WAL, synchronous=FULL).

    Several processes may open the file: any may append and read; one at a time may consume as a given group.

    Args:
        path: the file; created with its folder if missing.
        redeliver: a test switch; polls then rewind and commits are lost now and then, as around a crash.

    Raises:
        LogUnavailable: the file cannot be opened.
        SetupError: the file was laid out for another table of topics.
    """

    def __init__(self, path: Path, *, redeliver: random.Random | None = None) -> None:
        self._path = path
        self._redeliver = redeliver
        self._lock = threading.Lock()
        self._lending = (
            threading.Lock()
        )  # a connection of its own: a read never waits for a write to reach the disk
        self._closed = False
        self._idle_readers: list[sqlite3.Connection] = []
        self._consumers: weakref.WeakSet[SqliteConsumer] = weakref.WeakSet()
        self._groups = Groups(path)
        with transient_errors():
            self._writer = prepare(path)
            self._epoch = int(
                self._writer.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()[0]
            )

    @property
    def epoch(self) -> int:
        """Return the number of this log; a new file starts at 1."""
        return self._epoch

    def raise_epoch(self, at_least: int) -> int:
        """Raise the number of a restored or replaced log above those in rows of an earlier log."""
        with self._writing() as connection:
            connection.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'epoch'", (at_least,))
        self._epoch = max(self._epoch, at_least)
        return self._epoch

    @property
    def quiet_before(self) -> Mapping[int, int]:
        """Return partition → offset of `issues` below which nothing is emitted again after a loss of the engine."""
        with self._reader() as connection:
            return dict(connection.execute("SELECT partition, position FROM quiet_before").fetchall())

    def keep_quiet_before(self, quiet_before: Mapping[int, int]) -> None:
        """Note for every start below which positions a catch-up stays silent."""
        with self._writing() as connection:
            connection.execute("DELETE FROM quiet_before")
            connection.executemany("INSERT INTO quiet_before VALUES (?, ?)", quiet_before.items())

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        """Append messages in order, all or none, and return their positions in the same order.

        Raises:
            UnknownTopic: the topic is not in the topic table.
            EventTooLarge: a message is over the limit; nothing was appended.
            LogUnavailable: the file cannot be written; nothing was appended.
        """
        named = topic_named(topic)
        must_fit(named, messages)
        by_partition: dict[int, list[int]] = defaultdict(list)
        for number, message in enumerate(messages):
            by_partition[_placed(message.key, named.partitions)].append(number)
        if not messages:
            return []
        chunks = {
            partition: pack([messages[number] for number in numbers])
            for partition, numbers in by_partition.items()
        }
        positions: dict[int, Position] = {}
        with self._writing() as connection:
            appended_us = int(dt.datetime.now(dt.UTC).timestamp() * 1_000_000)
            for partition, numbers in by_partition.items():
                first = offset = end_position(connection, topic, partition)
                for count, body in chunks[partition]:
                    offset += count
                    connection.execute(
                        "INSERT INTO chunks VALUES (?, ?, ?, ?, ?)",
                        (topic, partition, offset - 1, appended_us, body),
                    )
                positions.update(
                    (number, Position(topic, partition, first + place))
                    for place, number in enumerate(numbers)
                )
        self._groups.announce(topic)
        return [positions[number] for number in range(len(messages))]

    def open_consumer(self, group: str, topics: Sequence[str]) -> SqliteConsumer:
        """Join a group; its live members in this log share the partitions of these topics.

        Raises:
            UnknownTopic: one of the topics is not in the topic table.
            LogUnavailable: another process consumes as this group, or the log is closed.
        """
        names = tuple(topic_named(name).name for name in topics)
        with self._lock, transient_errors():
            self._must_be_open()
            member = self._groups.join(group, names)
            consumer = SqliteConsumer(connect(self._path), self._groups, member, self._note, self._redeliver)
            self._consumers.add(consumer)
        return consumer

    def first_positions(self, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the first record that is still held."""
        partitions = topic_named(topic).partitions
        with self._reader() as connection:
            return {number: first_position(connection, topic, number) for number in range(partitions)}

    def end_positions(self, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset that the next record will get."""
        partitions = topic_named(topic).partitions
        with self._reader() as connection:
            return end_positions(connection, topic, partitions)

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the group's next unfinished record."""
        partitions = topic_named(topic).partitions
        with self._reader() as connection:
            known = committed_positions(connection, group, (topic,))
        return {number: known.get((topic, number), 0) for number in range(partitions)}

    def forget_positions(self, group: str, topic: str) -> None:
        """Delete a group's positions on a topic, so that it reads from the beginning; it must have no member."""
        topic_named(topic)
        with self._writing() as connection:
            connection.execute("DELETE FROM committed WHERE consumer_group = ? AND topic = ?", (group, topic))

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Record]:
        """Return up to `limit` records from offset `start` on; fewer when they are very large."""
        topic_named(topic)
        with self._reader() as connection:
            return read_records(connection, [(topic, partition, start)], limit)

    def close(self) -> None:
        """Close the consumers and the file; closing twice is harmless."""
        with self._lock, self._lending:
            self._closed = True
            for consumer in list(self._consumers):
                consumer.close()
            self._groups.close()
            while self._idle_readers:
                self._idle_readers.pop().close()
            self._writer.close()

    def _note(self, group: str, positions: Mapping[tuple[str, int], int]) -> None:
        # Positions only grow: a member that noticed the loss of a partition late moves none back.
        with self._writing() as connection:
            for (topic, partition), position in positions.items():
                connection.execute(
                    "INSERT INTO committed VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET position = max(position, excluded.position)",
                    (group, topic, partition, position),
                )

    def _must_be_open(self) -> None:
        if self._closed:
            raise LogUnavailable("this event log was closed")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction on the process's only writing connection."""
        with self._lock, transient_errors():
            self._must_be_open()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """Lend a reading connection that no other thread uses."""
        with transient_errors():
            with self._lending:
                self._must_be_open()
                connection = self._idle_readers.pop() if self._idle_readers else connect(self._path)
            try:
                yield connection
            finally:
                with self._lending:
                    if self._closed:
                        connection.close()
                    else:
                        self._idle_readers.append(connection)
