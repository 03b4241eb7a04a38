"""Working days of Viet Nam and the deadlines counted in them."""

from __future__ import annotations

import datetime as dt
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import holidays
from holidays.version import __version__ as rules_of

from events.fields import FIRST_DAY, LAST_DAY, DaysKind
from reporting.dated.csv_rows import Row, rows, table_error
from reporting.errors import OutsideCalendar

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
"""The one zone of all local days; no summer time since 1975."""

COUNTING = "receipt-day-excluded;off-day-rolls;after-cutoff-rolls;calendar-end-on-off-day-rolls"
"""The rules of `due`, in words; part of a calendar's version, so that a changed rule changes the version."""

SATURDAY = 5
"""date.weekday() of the first weekend day."""

_TABLE = "calendar_overrides.csv"
_COLUMNS = ("day", "kind", "office_ends_at", "status", "reason", "source", "decided_on", "confidence")
_KINDS = ("off", "work", "office_hours")
_STATUSES = ("decided", "proposed")
_DEADLINES_KEPT = 8_192


StartRule = Literal["next_working_day_is_day_1", "received_next_working_day", "counts_that_day"]
"""From which day the time of a receipt outside the office's hours runs: the next working day is counted, or is the day of
receipt, or the receipt counts as one of that very day."""


@dataclass(frozen=True, slots=True)
class Override:
    """One row of the overrides: a day that differs from the computed calendar, or office hours from a day on.

    Attributes:
        kind: off, work, or office_hours (from `day` on, `office_ends_at` is the end of the office day).
        status: decided rows count; proposed rows change nothing until they are decided.
    """

    day: dt.date
    kind: str
    office_ends_at: dt.time | None
    status: str
    reason: str
    source: str
    decided_on: dt.date | None
    confidence: str


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: the local day, the instant at which that office day ends, and the calendar that gave them."""

    due_on: dt.date
    due_at: dt.datetime
    calendar_version: str


@dataclass(frozen=True, slots=True)
class _Year:
    working: Sequence[dt.date]
    through: Sequence[int]  # working days from 1 January through the n-th day of the year; [0] is 0


def local_day(instant: dt.datetime) -> dt.date:
    """Return the local day of an aware instant.

    Raises:
        ValueError: the instant has no zone.
    """
    return _local(instant).date()


class WorkingCalendar:
    """Working days, computed year by year when first asked for; built by `build_calendar`."""

    def __init__(
        self,
        overrides: Sequence[Override],
        version: str,
        days_off_of: Callable[[int], tuple[Collection[dt.date], Collection[dt.date]]],
    ) -> None:
        """Take the rows, and a function from a year to its public holidays and worked weekend days."""
        self.version = version
        self.overrides = tuple(overrides)
        self._days_off_of = days_off_of
        self._years: dict[int, _Year] = {}
        # The cases of one call were received on few days and take few procedures.
        self._due_from = lru_cache(_DEADLINES_KEPT)(self._find_due)
        decided = [row for row in overrides if row.status == "decided"]
        self._set_apart = {row.day: row.kind == "work" for row in decided if row.office_ends_at is None}
        hours = sorted((row.day, row.office_ends_at) for row in decided if row.office_ends_at is not None)
        self._hours_from = [day for day, _ in hours]
        self._hours = [ends_at for _, ends_at in hours]

    def proposals(self) -> tuple[Override, ...]:
        """Return the rows that are not decided yet: deadlines around their days may still move."""
        return tuple(row for row in self.overrides if row.status == "proposed")

    def is_working(self, day: dt.date) -> bool:
        """Return whether offices work on that local day.

        Raises:
            OutsideCalendar: the day lies before 1990 or after 2099.
        """
        through = self._year(day).through
        position = _day_of_year(day)
        return through[position] > through[position - 1]

    def add_working_days(self, day: dt.date, count: int) -> dt.date:
        """Return the `count`-th working day after a day; the day itself for 0.

        Raises:
            OutsideCalendar: the day or the result lies before 1990 or after 2099.
            ValueError: the count is negative.
        """
        if count < 0:
            raise ValueError(f"count must not be negative, is {count}")
        year = self._year(day)
        if count == 0:
            return day
        wanted = year.through[_day_of_year(day)] + count
        number = day.year
        while wanted > len(year.working):
            wanted -= len(year.working)
            number += 1
            year = self._year(dt.date(number, 1, 1))
        return year.working[wanted - 1]

    def working_days_between(self, start: dt.date, end: dt.date) -> int:
        """Count the working days after `start` up to and including `end`; negative where `end` comes first.

        Raises:
            OutsideCalendar: a day lies before 1990 or after 2099.
        """
        if end < start:
            return -self.working_days_between(end, start)
        count = self._year(end).through[_day_of_year(end)] - self._year(start).through[_day_of_year(start)]
        whole_years = range(start.year, end.year)
        return count + sum(len(self._year(dt.date(number, 1, 1)).working) for number in whole_years)

    def working_days_through(self, last: dt.date) -> list[int]:
        """Return for each day from the calendar's first to `last` how many working days there were up to it.

        Raises:
            OutsideCalendar: `last` lies before 1990 or after 2099.
        """
        self._year(last)
        found: list[int] = []
        for number in range(FIRST_DAY.year, last.year + 1):
            so_far = found[-1] if found else 0
            found.extend(so_far + count for count in self._year(dt.date(number, 1, 1)).through[1:])
        return found[: (last - FIRST_DAY).days + 1]

    def day_end(self, day: dt.date) -> dt.datetime:
        """Return the instant (UTC) at which the office day ends.

        Raises:
            OutsideCalendar: the day lies before 1990 or after 2099.
        """
        return dt.datetime.combine(day, self._office_ends_at(day), LOCAL).astimezone(dt.UTC)

    def due(
        self,
        received_at: dt.datetime,
        days: int,
        *,
        days_kind: DaysKind = "working",
        cutoff: dt.time | None = None,
        start_rule: StartRule = "received_next_working_day",
        after_hours: StartRule = "counts_that_day",
    ) -> Due:
        """Return the deadline of a matter received at an instant.

        The day of receipt is not counted. A receipt after the cutoff counts as one on the next working day, and so
        does one on a day off, unless the rule says that this day is the first that is counted. 0 days mean the day of receipt itself. Calendar days that end on a day off end on
        the next working day. (Counting of administrative periods, Civil Code 2015 art. 147-148; known
        second-hand.)

        Args:
            received_at: aware instant.
            days: 0 or more.
            days_kind: whether `days` counts working or calendar days.
            cutoff: local time of day after which receipt counts for the next working day; without one, 0 days
                take the end of the office day, because nothing can be due before it was received.
            start_rule: from which day the time of a receipt on a day off runs.
            after_hours: the same of a receipt on a working day after its last office hour.

        Raises:
            OutsideCalendar: a day lies before 1990 or after 2099.
            ValueError: the instant has no zone, or days are negative.
        """
        if days < 0:
            raise ValueError(f"days must not be negative, is {days}")
        local = _local(received_at)
        received_on = local.date()
        if days == 0:
            office_ends_at = self._office_ends_at(received_on)
            cutoff = min(cutoff, office_ends_at) if cutoff else office_ends_at
        is_late = cutoff is not None and local.time() > cutoff
        if after_hours == "received_next_working_day" and self.is_working(received_on):
            is_late = is_late or local.time() > self._office_ends_at(received_on)
        return self._due_from(received_on, days, days_kind, is_late, start_rule)

    def _find_due(
        self, received_on: dt.date, days: int, days_kind: DaysKind, is_late: bool, start_rule: StartRule
    ) -> Due:
        if is_late or not self.is_working(received_on):
            is_off = not self.is_working(received_on)
            if is_off and not is_late and days and start_rule == "counts_that_day":
                return self._counted(received_on, days, days_kind)
            received_on = self.add_working_days(received_on, 1)
            if is_off and days and start_rule == "next_working_day_is_day_1":
                received_on = _plus(received_on, -1)
        return self._counted(received_on, days, days_kind)

    def _counted(self, received_on: dt.date, days: int, days_kind: DaysKind) -> Due:
        """Count the days after the day of receipt."""
        if days_kind == "working":
            due_on = self.add_working_days(received_on, days)
        else:
            due_on = _plus(received_on, days)
            due_on = due_on if self.is_working(due_on) else self.add_working_days(due_on, 1)
        return Due(due_on, self.day_end(due_on), self.version)

    def _office_ends_at(self, day: dt.date) -> dt.time:
        self._year(day)
        return self._hours[bisect_right(self._hours_from, day) - 1]

    def _year(self, day: dt.date) -> _Year:
        known = self._years.get(day.year)
        if known is None:
            if not FIRST_DAY <= day <= LAST_DAY:
                raise OutsideCalendar(f"{day} lies outside the calendar ({FIRST_DAY} to {LAST_DAY})")
            known = self._years[day.year] = self._compute(day.year)
        return known

    def _compute(self, number: int) -> _Year:
        holidays, worked = self._days_off_of(number)
        working, through = [], [0]
        first = dt.date(number, 1, 1)
        for position in range((dt.date(number, 12, 31) - first).days + 1):
            day = first + dt.timedelta(days=position)
            usual = day not in holidays and (day.weekday() < SATURDAY or day in worked)
            if self._set_apart.get(day, usual):
                working.append(day)
            through.append(len(working))
        return _Year(tuple(working), tuple(through))


def build_calendar(overrides_csv: str) -> WorkingCalendar:
    """Build the calendar from the public holidays that `holidays` knows and the rows laid on top.

    Raises:
        TableError: names file, line and column.
    """

    def days_off_of(year: int) -> tuple[Collection[dt.date], Collection[dt.date]]:
        known = holidays.country_holidays("VN", years=year)
        return frozenset(known), frozenset(known.weekend_workdays)

    found = [(_override(row), row) for row in rows(_TABLE, overrides_csv, _COLUMNS)]
    seen: dict[tuple[bool, dt.date], int] = {}
    for entry, row in found:
        if entry.status == "decided":
            key = (entry.office_ends_at is not None, entry.day)
            if key in seen:
                row.refuse("day", f"{entry.day} is already decided on line {seen[key]}")
            seen[key] = row.line
    overrides = [entry for entry, _ in found]
    if not any(
        entry.office_ends_at and entry.day <= FIRST_DAY and entry.status == "decided" for entry in overrides
    ):
        raise table_error(_TABLE, 1, "office_ends_at", f"no decided office hours hold on {FIRST_DAY}")
    stated = sorted(str(sorted(row.cells.items())) for _, row in found)
    digest = hashlib.sha256("\n".join([rules_of, COUNTING, *stated]).encode()).hexdigest()
    return WorkingCalendar(overrides, f"vn-{rules_of}-{digest[:8]}", days_off_of)


def _override(row: Row) -> Override:
    kind = row.choice("kind", _KINDS)
    ends_at = row.optional_time("office_ends_at")
    if (kind == "office_hours") != (ends_at is not None):
        row.refuse("office_ends_at", "is given for office_hours, and for nothing else")
    day = row.day("day")
    if not FIRST_DAY <= day <= LAST_DAY:
        row.refuse("day", f"{day} lies outside the calendar ({FIRST_DAY} to {LAST_DAY})")
    return Override(
        day=day,
        kind=kind,
        office_ends_at=ends_at,
        status=row.choice("status", _STATUSES),
        reason=row.text("reason"),
        source=row.text("source"),
        decided_on=row.optional_day("decided_on"),
        confidence=row.confidence(),
    )


def _local(instant: dt.datetime) -> dt.datetime:
    if instant.tzinfo is None:
        raise ValueError(f"the instant {instant} has no zone")
    return instant.astimezone(LOCAL)


def _day_of_year(day: dt.date) -> int:
    return day.toordinal() - dt.date(day.year, 1, 1).toordinal() + 1


def _plus(day: dt.date, days: int) -> dt.date:
    try:
        return day + dt.timedelta(days=days)
    except OverflowError as error:
        raise OutsideCalendar(f"{day} plus {days} days lies outside the calendar") from error
