"""Signals that depend on time or neighbours: recurrence in one commune, spread over many, long outages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from events.envelope import Envelope
from events.signals import Signal, SignalRaised
from reporting.dated.bodies import NATION
from reporting.dated.calendar import local_day
from reporting.errors import UnknownUnit
from reporting.issues import product_envelope
from reporting.issues.triggers import Group, of_outage, of_recurrence, of_spread
from services.dated_tables import DatedTables

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

_OUTAGES = """
    SELECT issue_id, unit_code, province_code, kind, reported_at, signals
    FROM issues_current FINAL
    WHERE kind IN {kinds:Array(String)} AND state NOT IN ('suppressed', 'confirmed', 'withdrawn', 'closed')
    ORDER BY reported_at, issue_id
"""
# The latest issue of a group carries the signal for all; a group is signalled once, until its last issue is closed.
_AGAIN = """
    SELECT
        kind, unit_code, any(province_code) AS province, count() AS n,
        argMax(issue_id, (reported_at, issue_id)) AS latest_id,
        argMax(state, (reported_at, issue_id)) AS latest_state,
        countIf(has(signals, 'recurrence')) AS said
    FROM issues_current FINAL
    WHERE reported_at >= {since:DateTime64(6, 'UTC')} AND state != 'withdrawn'
    GROUP BY kind, unit_code
    HAVING n >= {least:UInt32} AND said = 0 AND latest_state NOT IN ('confirmed', 'closed')
    ORDER BY kind, unit_code
"""
_OPEN = """
    SELECT
        kind, province_code, uniqExact(unit_code) AS n,
        argMax((issue_id, unit_code), (reported_at, issue_id)) AS latest,
        max(reported_at) AS latest_at,
        countIf(has(signals, 'spread_in_province')) AS said,
        countIf(has(signals, 'spread_over_provinces')) AS said_over
    FROM issues_current FINAL
    WHERE state NOT IN ('confirmed', 'withdrawn', 'closed')
    GROUP BY kind, province_code
    ORDER BY kind, province_code
"""


@dataclass(frozen=True, slots=True)
class _Outage:
    issue_id: UUID
    unit_code: str
    province_code: str
    kind: str
    reported_at: dt.datetime
    signals: list[str]


@dataclass(frozen=True, slots=True)
class _Again:
    kind: str
    unit_code: str
    province: str
    n: int
    latest_id: UUID
    latest_state: str
    said: int


@dataclass(frozen=True, slots=True)
class _Open:
    kind: str
    province_code: str
    n: int
    latest: tuple[UUID, str]
    latest_at: dt.datetime
    said: int
    said_over: int


def signals(warehouse: Warehouse, tables: DatedTables, now: dt.datetime) -> Iterator[Envelope]:
    """Yield every signal that the present issues give rise to and that was not raised yet."""
    yield from _outages(warehouse, tables, now)
    yield from _recurrences(warehouse, tables, now)
    yield from _spreads(warehouse, tables, now)


def _outages(warehouse: Warehouse, tables: DatedTables, now: dt.datetime) -> Iterator[Envelope]:
    kinds = sorted(tables.thresholds.get("outage_office", local_day(now)).kinds)
    for row in warehouse.rows_of(_Outage, _OUTAGES, kinds=kinds):
        said = of_outage(
            row.kind, row.unit_code, row.reported_at, now, tables.thresholds, tables.working_time
        )
        if said is not None and said.trigger not in row.signals:
            yield _raised(said, row.issue_id, row.province_code, row.unit_code, now)


def _recurrences(warehouse: Warehouse, tables: DatedTables, now: dt.datetime) -> Iterator[Envelope]:
    on, thresholds = local_day(now), tables.thresholds
    since = now - dt.timedelta(days=thresholds.get("recurrence_window", on).value)
    least = thresholds.get("recurrence_count", on).value
    for row in warehouse.rows_of(_Again, _AGAIN, since=since, least=least):
        group = Group(row.kind, row.unit_code, row.n)
        for said in of_recurrence(group, thresholds, on):
            yield _raised(said, row.latest_id, row.province, row.unit_code, now)


def _spreads(warehouse: Warehouse, tables: DatedTables, now: dt.datetime) -> Iterator[Envelope]:
    on, by_kind = local_day(now), dict[str, list[_Open]]()
    for row in warehouse.rows_of(_Open, _OPEN):
        by_kind.setdefault(row.kind, []).append(row)
        if row.said == 0:
            whole = _communes(tables, row.province_code, on)
            group = Group(row.kind, row.province_code, row.n, whole)
            for said in of_spread(group, tables.thresholds, on) if whole else ():
                yield _raised_on(said, row, now)
    for kind, found in by_kind.items():
        if not any(row.said_over for row in found):
            for said in of_spread(Group(kind, NATION, len(found)), tables.thresholds, on):
                yield _raised_on(said, max(found, key=lambda row: (row.latest_at, row.latest)), now)


def _communes(tables: DatedTables, province_code: str, on: dt.date) -> int:
    try:
        return len(tables.units.communes_of(province_code, on))
    except UnknownUnit:
        return 0


def _raised_on(said: Signal, row: _Open, now: dt.datetime) -> Envelope:
    issue_id, unit_code = row.latest
    return _raised(said, issue_id, row.province_code, unit_code, now)


def _raised(said: Signal, issue_id: UUID, province_code: str, unit_code: str, now: dt.datetime) -> Envelope:
    feed = product_envelope.feed("watch", province_code, unit_code)
    about = product_envelope.envelope(feed, issue_id, product_envelope.signal_id(issue_id, said.trigger), now)
    return SignalRaised(data=said, **about)
