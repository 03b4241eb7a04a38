"""Notify: derive from each event the bodies to notify, and write each notice once; delivery is the sender's work."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from events.periods import PeriodEvent
from events.promises import PromiseEvent
from events.topics import ISSUES, PERIODS, PROMISES, SOURCES
from reporting.dated.territory import Territory
from reporting.errors import UnknownUnit
from reporting.filings.reminders import notices_of_period
from reporting.issues.state import IssueState
from reporting.notice import Notice
from reporting.notices import notices_of
from reporting.promises.notices import notices_of_promise
from reporting.promises.register import Spot
from services.consuming.step import Delivered, subject_id
from services.errors import NotReady
from services.streams.decide import StateTable

if TYPE_CHECKING:
    from services.notices.book import NoticeBook, Starts

TOPICS: tuple[str, ...] = (ISSUES.name, SOURCES.name, PROMISES.name, PERIODS.name)
AFTER: dict[str, str] = {ISSUES.name: "decide", PROMISES.name: "land"}
"""Topic → the group whose rows the step reads, so that it waits for that group."""

LONGEST_WAIT = 5.0
_LOOK_SECONDS = 0.05


class Spots(Protocol):
    """The part of the register of promises that the step needs."""

    def load(self, spot_ids: Iterable[UUID]) -> dict[UUID, Spot]:
        """Return the existing entries among some ids."""
        ...


class Positions(Protocol):
    """The part of the log that returns a group's positions."""

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the group's next unfinished record."""
        ...


class Notify:
    """Derives notices from batches of events; a repeated batch writes none twice.

    A notice needs the state of the issue or the village at its event or later, so the step waits until `decide` or
    `land` has finished the batch.

    Args:
        rows: the rows of issues.
        spots: the register of promises.
        log: returns the positions of the other groups.
        book: the book of notices.
        starts: offsets below which records are history and derive no notice.
        clock: returns the instant at which a notice is written.
        territory: the units whose notices the book keeps; other stores have groups of their own.
        group: the book's own consumer group, so that each book reads the whole log.
        simulated_until: returns province → end of its simulated past, while that is being simulated; notices of
            that past are written with its instants.
    """

    topics: tuple[str, ...] = TOPICS
    sets_aside = False
    max_records = 200

    def __init__(
        self,
        rows: StateTable[IssueState],
        spots: Spots,
        log: Positions,
        book: NoticeBook,
        starts: Starts,
        clock: Callable[[], dt.datetime],
        *,
        territory: Territory,
        group: str,
        simulated_until: Callable[[], Mapping[str, dt.datetime]] = dict,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._rows = rows
        self._spots = spots
        self._log = log
        self._book = book
        self._starts = starts
        self._clock = clock
        self._territory = territory
        self.group = group
        self._simulated_until = simulated_until
        self._longest_wait = longest_wait

    def handle(self, batch: Sequence[Delivered]) -> None:
        """Write the notices of a batch; when this returns, they are durable.

        Raises:
            NotReady: `decide` or `land` is behind, or the engine cannot be reached; the same batch is delivered again.
        """
        recent = [one for one in batch if self._is_recent(one)]
        self._wait_for_rows(recent)
        issue_ids, spot_ids = _ids(recent, ISSUES.name), _ids(recent, PROMISES.name)
        issues = {one: row.state for one, row in self._rows.load(issue_ids).items()} if issue_ids else {}
        spots = self._spots.load(spot_ids) if spot_ids else {}
        notices = [notice for one in recent for notice in _notices(one, issues, spots)]
        ours = [notice for notice in notices if self._territory.keeps_of_body(notice.recipient.body)]
        past = self._simulated_until() if ours else {}
        self._book.write_past(notice for notice in ours if self._is_of(past, notice))
        self._book.write((notice for notice in ours if not self._is_of(past, notice)), self._clock())

    def _is_of(self, past: Mapping[str, dt.datetime], notice: Notice) -> bool:
        if not past:
            return False
        try:
            until = past.get(self._territory.units.province_of(notice.unit_code))
        except UnknownUnit:
            return False
        return until is not None and notice.occurred_at <= until

    def _is_recent(self, one: Delivered) -> bool:
        position = one.record.position
        return self._starts.covers(position.topic, position.partition, position.offset)

    def _wait_for_rows(self, batch: Iterable[Delivered]) -> None:
        wanted: dict[tuple[str, int], int] = {}
        for one in batch:
            lane = (one.record.position.topic, one.record.position.partition)
            wanted[lane] = max(wanted.get(lane, 0), one.record.position.offset + 1)
        deadline = time.monotonic() + self._longest_wait
        while behind := self._behind(wanted):
            if time.monotonic() >= deadline:
                raise NotReady(f"{behind} has not finished the records that notices are to be derived from")
            time.sleep(_LOOK_SECONDS)

    def _behind(self, wanted: Mapping[tuple[str, int], int]) -> str | None:
        """Return the name of a group that has not reached these offsets; None where all have."""
        for topic in {topic for topic, _ in wanted} & set(AFTER):
            done = self._log.committed(AFTER[topic], topic)
            if any(done.get(lane[1], 0) < offset for lane, offset in wanted.items() if lane[0] == topic):
                return AFTER[topic]
        return None


def _ids(batch: Iterable[Delivered], topic: str) -> list[UUID]:
    found = (subject_id(one) for one in batch if one.record.position.topic == topic)
    return list(dict.fromkeys(one for one in found if one is not None))


def _notices(
    one: Delivered, issues: Mapping[UUID, IssueState], spots: Mapping[UUID, Spot]
) -> tuple[Notice, ...]:
    topic, subject = one.record.position.topic, subject_id(one)
    if isinstance(one.event, PromiseEvent):
        return notices_of_promise(one.event, None if subject is None else spots.get(subject))
    if isinstance(one.event, PeriodEvent):
        return notices_of_period(one.event)
    state = issues.get(subject) if topic == ISSUES.name and subject is not None else None
    return notices_of(one.event, state)
