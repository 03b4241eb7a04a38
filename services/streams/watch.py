"""Watch: emit the events that time alone causes: breached deadlines, missed promises, silent and recovered sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from events.clocks import ClockBreach, ClockBreached, ClockReached, ClockShare
from events.envelope import Envelope
from events.sources import SourceExcused, SourceRecovered, SourceSilent
from events.topics import ISSUES, PERIODS, PROMISES, SOURCES
from reporting.dated.calendar import local_day
from reporting.dated.working_time import is_silent
from reporting.errors import UnknownUnit
from reporting.issues import product_envelope
from services.consuming.emit import Appends, say
from services.dated_tables import DatedTables
from services.streams.fault_watch import FaultSeen, excuse_of, faults_seen, releases, suppressions
from services.streams.filing_watch import FilingWatch
from services.streams.promise_watch import PromiseWatch
from services.streams.signal_watch import signals

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

AT_ONCE = 5_000
"""Highest number of clocks in one check; the next check takes the rest."""

_NAMES = UUID("0c0f7b0a-2f4f-4a55-9c53-6f0d8f6c7a11")
_CLOCKS = """
    SELECT issue_id, unit_code, province_code, clock_id, due_at, remind_at, warn_at
    FROM issues_current FINAL
    ARRAY JOIN
        clock_ids AS clock_id, clock_due_at AS due_at, clock_states AS clock_state,
        clock_remind_at AS remind_at, clock_warn_at AS warn_at
    WHERE clock_state = 'running' AND least(due_at, remind_at, warn_at) < {now:DateTime64(6, 'UTC')}
        AND (empty({only:Array(String)}) OR province_code IN {only:Array(String)})
        AND province_code NOT IN {without:Array(String)}
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


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which provinces a look speaks: of some alone, or of all without some; by default of all."""

    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def covers(self, event: Envelope) -> bool:
        """Return whether an event comes from one of these provinces, by its source `/vn/38/15607/watch`."""
        province = event.source.split("/")[2]
        return province not in self.without and (not self.only or province in self.only)


EVERYWHERE = Scope()


class Watch:
    """Checks running clocks, sources and promises, and emits the events that are due; one watcher at a time is enough.

    Ids are derived from the clock or the silence, so events emitted twice, by two watchers or after a crash, count
    once. Events of earlier checks are not appended again while the projection catches up.

    Args:
        warehouse: the rows to check.
        log: the log to append to.
        tables: the dated tables.
        scope: returns the provinces of a check; read before and after the rows, because the simulation of a province
            may begin or end between the two.
        has_landed: returns whether the whole of a topic has landed. What was not done until a day is emitted only then:
            it may lie in the log already, and an event takes nothing back.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        log: Appends,
        tables: DatedTables,
        *,
        scope: Callable[[], Scope] = lambda: EVERYWHERE,
        has_landed: Callable[[str], bool] = lambda _topic: True,
    ) -> None:
        self._has_landed = has_landed
        self._scope = scope
        self._warehouse = warehouse
        self._log = log
        self._tables = tables
        self._promises = PromiseWatch(warehouse, tables.thresholds)
        self._filings = FilingWatch(warehouse, tables)
        self._said: dict[str, frozenset[UUID]] = {}

    def tick(self, now: dt.datetime) -> int:
        """Check once, as of an instant; return how many events were appended.

        Raises:
            LogUnavailable: the log takes no events now; the next check emits them.
            NotReady: the engine cannot be reached.
        """
        dependencies, scope = self._tables.dependencies, self._scope()
        faults = faults_seen(self._warehouse, dependencies)
        about_issues = (
            *self._clocks(now, scope),
            *suppressions(self._warehouse, faults, dependencies, now, AT_ONCE),
            *releases(self._warehouse, faults, now),
            *signals(self._warehouse, self._tables, now),
        )
        found = (
            (ISSUES.name, about_issues),
            (SOURCES.name, tuple(self._sources(now, faults))),
            (PROMISES.name, self._promises.due(now) if self._has_landed(PROMISES.name) else ()),
            (PERIODS.name, self._filings.due(now) if self._has_landed(PERIODS.name) else ()),
        )
        scopes = (scope, self._scope())
        return sum(self._say(topic, events, scopes) for topic, events in found)

    def _say(self, topic: str, events: Iterable[Envelope], scopes: Sequence[Scope]) -> int:
        wanted = {event.id: event for event in events if all(scope.covers(event) for scope in scopes)}
        fresh = [event for event_id, event in wanted.items() if event_id not in self._said.get(topic, ())]
        said = say(self._log, topic, fresh)
        self._said[topic] = frozenset(wanted)
        return said

    def _clocks(self, now: dt.datetime, scope: Scope) -> Iterable[Envelope]:
        """Yield an event for each breached deadline, or else for the highest share of its time that is used up."""
        provinces = {"only": sorted(scope.only), "without": sorted(scope.without)}
        for row in self._warehouse.rows_of(_Clock, _CLOCKS, now=now, limit=AT_ONCE, **provinces):
            clock_id, issue_id = row.clock_id, row.issue_id
            due_at, warn_at = row.due_at, row.warn_at
            feed = product_envelope.feed("watch", row.province_code, row.unit_code)
            # A clock that was paused has another due instant, and so another event id.
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
        """Yield an event for each feed that fell silent, is excused by a fault elsewhere, or recovered."""
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
        # A feed of a unit that the tables do not have; the other feeds are checked all the same.
        return "/vn/watch" if province is None else product_envelope.feed("watch", province, unit_code)

    def _province_of(self, unit_code: str) -> str | None:
        try:
            return self._tables.units.province_of(unit_code)
        except UnknownUnit:
            return None
