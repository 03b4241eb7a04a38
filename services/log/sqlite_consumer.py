"""One member of a consumer group of the embedded log."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence

from events.errors import LogUnavailable
from events.log import Record
from events.runs import ends_of
from services.log.sqlite_file import committed_positions, read_records, transient_errors
from services.log.sqlite_groups import Groups, Member

LOOK_SECONDS = 1.0
"""Interval in which a waiting poll checks the file for records of other processes."""
REDELIVER_SHARE = 0.25

Note = Callable[[str, Mapping[tuple[str, int], int]], None]
"""Writes the positions of a group durably: group, then (topic, partition) to position."""


def _abandon(member: Member, connection: sqlite3.Connection) -> None:
    """Release a member that was dropped without `close`; takes no lock, because the garbage collector calls it."""
    member.left = True
    connection.close()


class SqliteConsumer:
    """Reads the partitions of this member in turn, from the committed positions on.

    With `redeliver` (a test switch) polls rewind and commits are lost, as around a crash.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        groups: Groups,
        member: Member,
        note: Note,
        redeliver: random.Random | None,
    ) -> None:
        self._connection = connection
        self._groups = groups
        self._member = member
        self._note = note
        self._redeliver = redeliver
        self._reading = threading.Lock()
        self._next: dict[tuple[str, int], int] = {}
        self._turn = 0
        self._woken = False
        self._closed = False
        self._finalizer = weakref.finalize(self, _abandon, member, connection)

    def poll(self, max_records: int, timeout: float) -> list[Record]:
        """Return the next records, waiting up to `timeout` seconds for the first.

        Raises:
            LogUnavailable: the file cannot be read, or this member is closed.
        """
        if self._closed:
            raise LogUnavailable("this consumer was closed")
        if self._redeliver is not None and self._redeliver.random() < REDELIVER_SHARE:
            self.rewind()
        deadline = time.monotonic() + timeout
        while True:
            self._member.arrived.clear()
            version = self._data_version()
            records = self._fetch(max_records)
            if records or self._called_off() or not self._await_news(deadline, version):
                self._woken = False
                return records

    def holds(self, records: Sequence[Record]) -> bool:
        """Return whether the partitions of these records are still this member's."""
        owned = self._groups.owned(self._member)
        return ends_of(records).keys() <= owned

    def commit(self, records: Sequence[Record]) -> None:
        """Commit these records, and all before them in their partitions, as finished.

        Raises:
            LogUnavailable: the file cannot be written; nothing was committed.
        """
        owned = self._groups.owned(self._member)
        kept = {lane: position for lane, position in ends_of(records).items() if lane in owned}
        if self._redeliver is not None and self._redeliver.random() < REDELIVER_SHARE:
            self.rewind()
        elif kept:
            self._note(self._member.group, kept)

    def rewind(self) -> None:
        """Go back to the committed positions."""
        with self._reading:
            self._next.clear()

    def wake(self) -> None:
        """Make a waiting `poll` return at once; without one, the next poll that finds nothing returns at once."""
        self._woken = True
        self._member.arrived.set()

    def rejoin(self) -> None:
        """Leave the partitions where they are: the log itself shares them out, and none is ever without an owner."""

    def close(self) -> None:
        """Leave the group; closing twice is harmless."""
        self._closed = True
        self._groups.leave(self._member)
        self._member.arrived.set()
        with self._reading:
            self._finalizer()

    def _called_off(self) -> bool:
        return self._woken or self._closed

    def _await_news(self, deadline: float, version: int) -> bool:
        """Wait until the file may have new records; return False when the time is up."""
        while (remaining := deadline - time.monotonic()) > 0:
            if self._member.arrived.wait(min(remaining, LOOK_SECONDS)):
                return True
            if self._data_version() != version:
                return True
        return False

    def _data_version(self) -> int:
        """Return a number that changes when any other connection has written to the file."""
        with self._reading, transient_errors():
            return 0 if self._closed else int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _fetch(self, max_records: int) -> list[Record]:
        with self._reading, transient_errors():
            if self._closed:
                return []
            lanes = self._adopt()
            if not lanes:
                return []
            # Rotate the first partition, so that a deep one does not starve the others.
            self._turn = (self._turn + 1) % len(lanes)
            turned = lanes[self._turn :] + lanes[: self._turn]
            starts = [(*lane, self._next[lane]) for lane in turned]
            records = read_records(self._connection, starts, max_records)
            for record in records:
                position = record.position
                self._next[position.topic, position.partition] = position.offset + 1
            return records

    def _adopt(self) -> list[tuple[str, int]]:
        """Drop the partitions that other members got; start new ones at the group's committed position."""
        owned = self._groups.owned(self._member)
        for lane in self._next.keys() - owned:
            del self._next[lane]
        if gained := owned - self._next.keys():
            known = committed_positions(self._connection, self._member.group, self._member.topics)
            self._next.update((lane, known.get(lane, 0)) for lane in gained)
        return sorted(owned)
