"""Notify: derive from each event who is to be told, and write that down once; delivery is the sender's work."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from events.topics import ISSUES, SOURCES
from reporting.issue_state import IssueState
from reporting.notices import Notice, notices_of
from services.adapters.folded import Folded
from services.errors import NotReady
from services.streams.step import Delivered, subject_id

if TYPE_CHECKING:
    from services.notices.book import Starts

TOPICS: tuple[str, ...] = (ISSUES.name, SOURCES.name)
FOLDED_BY = "decide"
"""The group whose rows the step reads: it comes after it."""

LONGEST_WAIT = 5.0
_LOOK_SECONDS = 0.05


class Rows(Protocol):
    """What the step asks of the rows of issues."""

    def load(self, ids: Iterable[UUID]) -> dict[UUID, Folded[IssueState]]:
        """Return what the rows hold of those issues that have one."""
        ...


class Positions(Protocol):
    """The part of the log that tells how far a group is."""

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the next record that the group has not finished."""
        ...


class Book(Protocol):
    """Where notices are written down."""

    def write(self, notices: Iterable[Notice], now: dt.datetime) -> int:
        """Write down what is not there yet."""
        ...


class Notify:
    """Turn batches of events into notices; what is handed over again finds its notices written.

    A notice rests on the issue at its event or later, so the step waits until `decide` has finished the batch.

    Args:
        rows: the rows of issues.
        log: tells how far `decide` is.
        book: where notices are written down.
        starts: records below are history, and nobody is told.
        clock: tells when a notice was noted.
    """

    group = "notify"
    topics: tuple[str, ...] = TOPICS
    sets_aside = False
    max_records = 200

    def __init__(
        self,
        rows: Rows,
        log: Positions,
        book: Book,
        starts: Starts,
        clock: Callable[[], dt.datetime],
        *,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._rows = rows
        self._log = log
        self._book = book
        self._starts = starts
        self._clock = clock
        self._longest_wait = longest_wait

    def handle(self, batch: Sequence[Delivered]) -> None:
        """Write down the notices of a batch; when this returns, they are durable.

        Raises:
            NotReady: `decide` is behind, or the engine cannot be reached; the same batch comes again.
        """
        recent = [(one, _issue_id(one)) for one in batch if self._is_recent(one)]
        about = [one for one, issue_id in recent if issue_id is not None]
        states: dict[UUID, IssueState] = {}
        if about:
            self._wait_for_rows(about)
            wanted = dict.fromkeys(issue_id for _, issue_id in recent if issue_id is not None)
            states = {issue_id: row.state for issue_id, row in self._rows.load(wanted).items()}
        notices = [
            notice
            for one, issue_id in recent
            for notice in notices_of(one.event, states.get(issue_id) if issue_id is not None else None)
        ]
        self._book.write(notices, self._clock())

    def _is_recent(self, one: Delivered) -> bool:
        position = one.record.position
        return self._starts.covers(position.topic, position.partition, position.offset)

    def _wait_for_rows(self, batch: Iterable[Delivered]) -> None:
        wanted: dict[int, int] = {}
        for one in batch:
            position = one.record.position
            wanted[position.partition] = max(wanted.get(position.partition, 0), position.offset + 1)
        deadline = time.monotonic() + self._longest_wait
        while not self._folded(wanted):
            if time.monotonic() >= deadline:
                raise NotReady(
                    f"{FOLDED_BY} has not finished the records that notices are to be derived from"
                )
            time.sleep(_LOOK_SECONDS)

    def _folded(self, wanted: dict[int, int]) -> bool:
        done = self._log.committed(FOLDED_BY, ISSUES.name)
        return all(done.get(partition, 0) >= offset for partition, offset in wanted.items())


def _issue_id(one: Delivered) -> UUID | None:
    return subject_id(one) if one.record.position.topic == ISSUES.name else None
