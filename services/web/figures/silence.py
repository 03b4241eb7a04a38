"""Silence of communes for pages, boards and the API: what is known of a day, and which kind the rules make of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.dependencies import LATE_REPORT
from reporting.silence import WITHOUT_FIGURES, DayFacts, Silence, SilenceBasis, SilenceKind, silence_of
from services.dated_tables import DatedTables
from services.warehouse.client import Warehouse
from services.warehouse.named_queries import Params
from services.web.figures.dated_rows import rows_that_hold
from services.web.figures.windows import Window

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NowSilence:
    """Row of `silence_now`: a commune on the running day."""

    unit_code: str
    kind: SilenceKind
    basis: SilenceBasis
    last_seen_at: dt.datetime | None

    @property
    def is_without_figures(self) -> bool:
        """Return whether nobody knows the figures of the commune today."""
        return self.kind in WITHOUT_FIGURES


@dataclass(frozen=True, slots=True)
class _DayRow:
    """Row of `silence_days`."""

    unit_code: str
    day: dt.date
    has_figures: bool
    letters_wait: bool
    in_outage: bool
    never_heard: bool
    quiet: bool
    no_figures_ever: bool
    heard_that_day: bool
    day_runs: bool
    day_off: bool

    @property
    def facts(self) -> DayFacts:
        return DayFacts(**{name: getattr(self, name) for name in DayFacts.__slots__})


@dataclass(frozen=True, slots=True)
class SilentDay:
    """A commune's day and its kind."""

    unit_code: str
    day: dt.date
    silence: Silence


def silence_now(
    warehouse: Warehouse, tables: DatedTables, units: Sequence[str], at: dt.datetime
) -> list[NowSilence]:
    """Return the kind of each of some communes on the running day, in the order of their codes."""
    return warehouse.query_of(
        NowSilence,
        "silence_now",
        units=list(units),
        provinces=[tables.units.province_of(code) for code in units],
        at=at,
        outage_kinds=outage_kinds(tables, local_day(at)),
    )


def without_figures(
    warehouse: Warehouse, tables: DatedTables, units: Sequence[str], at: dt.datetime
) -> dict[str, NowSilence] | None:
    """Return the communes whose figures of the running day nobody knows; None where no feed ever sent anything."""
    found = silence_now(warehouse, tables, units, at)
    if all(one.last_seen_at is None for one in found):
        return None
    return {one.unit_code: one for one in found if one.is_without_figures}


def silent_days(
    warehouse: Warehouse, tables: DatedTables, units: Sequence[str], window: Window, at: dt.datetime
) -> list[SilentDay]:
    """Return the kind of each of some communes on each day of a window that is over, and on the running day.

    Raises:
        NoRowThen: no row of the rules of silence holds on a day of the window.
    """
    with rows_that_hold():
        stuck = tables.thresholds.get("letters_stuck", window.last_on).value
    asked = {
        "units": list(units),
        "provinces": [tables.units.province_of(code) for code in units],
        "letters_stuck": stuck,
        **days_asked(tables, window, at),
    }
    found = warehouse.query_of(_DayRow, "silence_days", **asked)
    days = [SilentDay(row.unit_code, row.day, silence_of(row.facts)) for row in found]
    today = local_day(at)
    if window.first_on <= today <= window.last_on:
        now = silence_now(warehouse, tables, units, at)
        days += [SilentDay(one.unit_code, today, Silence(one.kind, one.basis)) for one in now]
    return sorted(days, key=lambda one: (one.unit_code, one.day))


def unknown_working_days(
    warehouse: Warehouse,
    tables: DatedTables,
    units: Sequence[str],
    working_days: Sequence[dt.date],
    at: dt.datetime,
) -> dict[str, int]:
    """Return on how many of some working days that are over nobody knows the figures of each of some communes."""
    days = [day for day in working_days if day < local_day(at)]
    if not days:
        return {}
    rows = warehouse.query(
        "silent_days_by_unit",
        units=list(units),
        provinces=[tables.units.province_of(code) for code in units],
        letters_stuck=tables.thresholds.get("letters_stuck", days[-1]).value,
        **_asked_of(tables, days, days[-1]),
    )
    return {str(row["unit_code"]): int(row["unknown_days"]) for row in rows}


def days_asked(tables: DatedTables, window: Window, at: dt.datetime) -> Params:
    """Return the parameters of the query of days beside the units: the days that are over, and their rows of the tables.

    Raises:
        NoRowThen: no row of the rules of silence holds on one of the days.
    """
    last_on = min(window.last_on, local_day(at) - _DAY)
    days = [window.first_on + number * _DAY for number in range((last_on - window.first_on).days + 1)]
    return _asked_of(tables, days, window.last_on)


def _asked_of(tables: DatedTables, days: Sequence[dt.date], on: dt.date) -> Params:
    time = tables.working_time
    with rows_that_hold():
        policies = [tables.competence.silence(day) for day in days]
    return {
        "days": list(days),
        "quiet_before": [
            time.quiet_before(_end_of(day), policy).astimezone(dt.UTC)
            for day, policy in zip(days, policies, strict=True)
        ],
        "days_off": [day for day in days if not tables.calendar.is_working(day)],
        "outage_kinds": outage_kinds(tables, on),
    }


def outage_kinds(tables: DatedTables, on: dt.date) -> list[str]:
    """Return the kinds of difficulty whose confirmed fault excuses a missing report on a day."""
    kinds = {one.depends_on for one in tables.dependencies.all()}
    return sorted(kind for kind in kinds if LATE_REPORT in tables.dependencies.of_fault(kind, on))


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + _DAY, dt.time.min, LOCAL) - dt.timedelta(microseconds=1)
