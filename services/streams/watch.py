"""Watch: what time alone brings about. Deadlines and promised days that went by, sources that fell silent or are heard again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from events.clocks import ClockBreach, ClockBreached, ClockReached, ClockShare
from events.envelope import Envelope
from events.sources import SourceExcused, SourceRecovered, SourceSilent
from events.topics import ISSUES, PROMISES, SOURCES
from reporting.dated.calendar import local_day
from reporting.dated.working_time import is_silent
from reporting.errors import UnknownUnit
from reporting.issues import product_envelope
from services.consuming.emit import Appends, say
from services.dated_tables import DatedTables
from services.streams.fault_watch import FaultSeen, excuse_of, faults_seen, releases, suppressions
from services.streams.promise_watch import PromiseWatch
from services.streams.signal_watch import signals

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

AT_ONCE = 5_000
"""Clocks that one look takes up; the next look takes the rest."""

_NAMES = UUID("0c0f7b0a-2f4f-4a55-9c53-6f0d8f6c7a11")
_CLOCKS = """
    SELECT issue_id, unit_code, province_code, clock_id, due_at, remind_at, warn_at
    FROM issues_current FINAL
    ARRAY JOIN
        clock_ids AS clock_id, clock_due_at AS due_at, clock_states AS clock_state,
        clock_remind_at AS remind_at, clock_warn_at AS warn_at
    WHERE clock_state = 'running' AND least(due_at, remind_at, warn_at) < {now:DateTime64(6, 'UTC')}
        AND state NOT IN ('withdrawn', 'closed')
    ORDER BY due_at, clock_id
    LIMIT {limit:UInt32}
"""
_SOURCES = """
    SELECT
        unit_code,
        maxIf(last_seen_at, aspect = 'heartbeat') AS heard_at,
        anyIf(event_type, aspect = 'silence') AS word,
        maxIf(last_seen_at, aspect = 'silence') AS silent_from
    FROM source_states FINAL
    GROUP BY unit_code
    HAVING countIf(aspect = 'heartbeat') > 0
    ORDER BY unit_code
"""


@dataclass(frozen=True, slots=True)
class _Source:
    unit_code: str
    heard_at: dt.datetime
    word: str
    silent_from: dt.datetime


@dataclass(frozen=True, slots=True)
class _Clock:
    issue_id: UUID
    unit_code: str
    province_code: str
    clock_id: UUID
    due_at: dt.datetime
    remind_at: dt.datetime
    warn_at: dt.datetime


class Watch:
    """Look at running clocks, at sources and at promises, and say what time brought about; one watcher at a time is enough.

    Ids follow from the clock or from the silence, so two watchers, or one that died, say nothing twice that counts.
    What was said in the looks before is not appended again while the projection catches up.
    """

    def __init__(self, warehouse: Warehouse, log: Appends, tables: DatedTables) -> None:
        self._warehouse = warehouse
        self._log = log
        self._tables = tables
        self._promises = PromiseWatch(warehouse, tables.thresholds)
        self._said: dict[str, frozenset[UUID]] = {}

    def tick(self, now: dt.datetime) -> int:
        """Look once, as of an instant; return how many events were appended.

        Raises:
            LogUnavailable: the log takes no events now; the next look says them.
            NotReady: the engine cannot be reached.
        """
        dependencies = self._tables.dependencies
        faults = faults_seen(self._warehouse, dependencies)
        about_issues = (
            *self._clocks(now),
            *suppressions(self._warehouse, faults, dependencies, now, AT_ONCE),
            *releases(self._warehouse, faults, now),
            *signals(self._warehouse, self._tables, now),
        )
        return (
            self._say(ISSUES.name, about_issues)
            + self._say(SOURCES.name, self._sources(now, faults))
            + self._say(PROMISES.name, self._promises.due(now))
        )

    def _say(self, topic: str, events: Iterable[Envelope]) -> int:
        wanted = {event.id: event for event in events}
        fresh = [event for event_id, event in wanted.items() if event_id not in self._said.get(topic, ())]
        said = say(self._log, topic, fresh)
        self._said[topic] = frozenset(wanted)
        return said

    def _clocks(self, now: dt.datetime) -> Iterable[Envelope]:
        """Say that a deadline went by, or else the highest share of its time that is used up."""
        for row in self._warehouse.rows_of(_Clock, _CLOCKS, now=now, limit=AT_ONCE):
            clock_id, issue_id = row.clock_id, row.issue_id
            due_at, warn_at = row.due_at, row.warn_at
            feed = product_envelope.feed("watch", row.province_code, row.unit_code)
            # A clock that was paused has another due instant, and so another word for it.
            if due_at < now:
                event_id = uuid5(clock_id, f"clock.breached:{due_at.isoformat()}")
                yield ClockBreached(
                    data=ClockBreach(clock_id=clock_id, due_at=due_at),
                    **product_envelope.envelope(feed, issue_id, event_id, due_at, recorded_at=now),
                )
                continue
            mark, at = ("warning", warn_at) if warn_at < now else ("reminder", row.remind_at)
            event_id = uuid5(clock_id, f"clock.reached:{mark}:{at.isoformat()}")
            yield ClockReached(
                data=ClockShare.model_validate({"clock_id": clock_id, "mark": mark, "reached_at": at}),
                **product_envelope.envelope(feed, issue_id, event_id, at, recorded_at=now),
            )

    def _sources(self, now: dt.datetime, faults: Sequence[FaultSeen]) -> Iterable[Envelope]:
        """Say which feeds fell silent, which are excused by a fault elsewhere, and which are heard again."""
        policy = self._tables.competence.silence(local_day(now))
        for row in self._warehouse.rows_of(_Source, _SOURCES):
            word, heard_at = row.word, row.heard_at
            quiet = word in {"source.silent", "source.excused"}
            if quiet and heard_at > row.silent_from:
                yield self._word(SourceRecovered, row, f"recovered:{row.silent_from.isoformat()}", now)
                continue
            fault, mended_at = excuse_of(faults, row.unit_code, self._province_of(row.unit_code), now)
            since = heard_at if mended_at is None else max(heard_at, mended_at)
            late = is_silent(heard_at if fault else since, now, self._tables.working_time, policy)
            if not late or word == ("source.excused" if fault else "source.silent"):
                continue
            if fault is not None:
                cause = f"excused:{fault.id}:{heard_at.isoformat()}"
                yield self._word(
                    SourceExcused, row, cause, now, fault_id=fault.id, fault_issue_id=fault.issue_id
                )
            else:
                yield self._word(SourceSilent, row, f"silent:{since.isoformat()}", now)

    def _word(self, cls: Any, row: _Source, cause: str, now: dt.datetime, **more: Any) -> Envelope:
        unit_code = row.unit_code
        said = {"unit_code": unit_code, "last_seen_at": row.heard_at, **more}
        word: Envelope = cls(
            data=cls.model_fields["data"].annotation.model_validate(said),
            **product_envelope.envelope(
                self._feed_of(unit_code), unit_code, uuid5(_NAMES, f"{unit_code}:{cause}"), now
            ),
        )
        return word

    def _feed_of(self, unit_code: str) -> str:
        province = self._province_of(unit_code)
        # A feed of a unit that the tables do not have; the others are looked at all the same.
        return "/vn/watch" if province is None else product_envelope.feed("watch", province, unit_code)

    def _province_of(self, unit_code: str) -> str | None:
        try:
            return self._tables.units.province_of(unit_code)
        except UnknownUnit:
            return None
