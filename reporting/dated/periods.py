"""Dated reporting periods, which end in the middle of a month: from the 15th of one month to the 14th."""

from __future__ import annotations

import datetime as dt
import re
from calendar import month_name
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

from reporting.dated.csv_rows import Row, Validity, check_apart, rows, table_error
from reporting.errors import UnknownPeriod

RepeatingKind = Literal["month", "quarter", "half_year", "year"]
"""The kinds that follow each other without a gap: each day lies in one period of each."""
PeriodKind = Literal["month", "quarter", "half_year", "nine_months", "year"]
"""Nine months begin with the year and end before it does, so days of the last quarter lie in none."""

_TABLE = "report_periods.csv"
_COLUMNS = ("kind", "months", "cutoff_day", "source", "confidence", "valid_from", "valid_to")
_MONTHS: dict[PeriodKind, int] = {"month": 1, "quarter": 3, "half_year": 6, "nine_months": 9, "year": 12}
_KEY = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(-(?P<month>0[1-9]|1[0-2])|-q(?P<quarter>[1-4])|-h(?P<half_year>[12])|-m(?P<nine_months>9))?"
)
_LAST_CUTOFF = 28  # every month has such a day
_QUARTERS = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class Period:
    """One reporting period, both days included.

    Attributes:
        number: which month, quarter or half of the year; 1 for nine months and for a year.
    """

    kind: PeriodKind
    year: int
    number: int
    first_on: dt.date
    last_on: dt.date

    @property
    def key(self) -> str:
        """Return the key of the period: 2026-11, 2026-q4, 2026-h2, 2026-m9, 2026."""
        return {
            "month": f"{self.year}-{self.number:02}",
            "quarter": f"{self.year}-q{self.number}",
            "half_year": f"{self.year}-h{self.number}",
            "nine_months": f"{self.year}-m9",
            "year": f"{self.year}",
        }[self.kind]

    def holds(self, day: dt.date) -> bool:
        """Return whether a local day lies in the period."""
        return self.first_on <= day <= self.last_on

    def is_closed(self, today: dt.date) -> bool:
        """Return whether the last day of the period has gone by."""
        return today > self.last_on


@dataclass(frozen=True, slots=True)
class _Cutoff:
    kind: PeriodKind
    day: int
    validity: Validity


class ReportingPeriods:
    """Periods by their cut-off; built by `parse_report_periods`.

    A period begins on the day after the one before it ended, so periods of one kind leave no day out and count none
    twice, even where the cut-off changes.
    """

    def __init__(self, cutoffs: Iterable[_Cutoff]) -> None:
        self._cutoffs = tuple(cutoffs)

    def period(self, kind: PeriodKind, year: int, number: int) -> Period:
        """Return one period.

        Raises:
            UnknownPeriod: no such month, quarter or half exists, or no cut-off holds then.
        """
        months = _MONTHS[kind]
        if not 1 <= number <= 12 // months:
            raise UnknownPeriod(f"a year has no {kind} number {number}", field="period")
        ends = year * 12 + number * months - 1  # months counted from year 0
        first_on = self._last_on(kind, ends - months) + dt.timedelta(days=1)
        return Period(kind, year, number, first_on, self._last_on(kind, ends))

    def containing(self, kind: RepeatingKind, day: dt.date) -> Period:
        """Return the period in which a local day lies.

        Raises:
            UnknownPeriod: no cut-off holds then.
        """
        found = self.period(kind, day.year, (day.month - 1) // _MONTHS[kind] + 1)
        return found if day <= found.last_on else self.following(found)

    def holding(self, day: dt.date) -> list[Period]:
        """Return every period in which a local day lies, the shortest first."""
        found = [self.containing(kind, day) for kind in get_args(RepeatingKind) if self._has(kind)]
        if self._has("nine_months"):
            found += [self.period("nine_months", year, 1) for year in (day.year, day.year + 1)]
        return sorted((one for one in found if one.holds(day)), key=lambda one: _MONTHS[one.kind])

    def latest_ended(self, day: dt.date) -> list[Period]:
        """Return the last period of each kind that has ended before a local day, the shortest first."""
        found = [
            self.previous(self.containing(kind, day)) for kind in get_args(RepeatingKind) if self._has(kind)
        ]
        if self._has("nine_months"):
            this_year = self.period("nine_months", day.year, 1)
            found.append(this_year if this_year.is_closed(day) else self.previous(this_year))
        return sorted(found, key=lambda one: _MONTHS[one.kind])

    def following(self, period: Period) -> Period:
        """Return the next period of its kind; after nine months those of the next year."""
        last = period.number == 12 // _MONTHS[period.kind]
        return self.period(period.kind, period.year + last, 1 if last else period.number + 1)

    def previous(self, period: Period) -> Period:
        """Return the period before."""
        if period.number > 1:
            return self.period(period.kind, period.year, period.number - 1)
        return self.period(period.kind, period.year - 1, 12 // _MONTHS[period.kind])

    def named(self, key: str) -> Period:
        """Return the period of a key such as 2026-11 or 2026-q4.

        Raises:
            UnknownPeriod: the key names none.
        """
        found = _KEY.fullmatch(key)
        if found is None:
            raise UnknownPeriod(
                f"{key!r} names no period; write 2026-11, 2026-q4, 2026-h2, 2026-m9 or 2026", field="period"
            )
        for kind in ("month", "quarter", "half_year"):
            if found[kind]:
                return self.period(kind, int(found["year"]), int(found[kind]))
        if found["nine_months"]:
            return self.period("nine_months", int(found["year"]), 1)
        return self.period("year", int(found["year"]), 1)

    def _has(self, kind: PeriodKind) -> bool:
        return any(cutoff.kind == kind for cutoff in self._cutoffs)

    def _last_on(self, kind: PeriodKind, months: int) -> dt.date:
        year, month = divmod(months, 12)
        for cutoff in self._cutoffs:
            if cutoff.kind == kind and dt.MINYEAR <= year <= dt.MAXYEAR:
                last_on = dt.date(year, month + 1, cutoff.day)
                if cutoff.validity.holds_on(last_on):
                    return last_on
        raise UnknownPeriod(
            f"no cut-off holds for a {kind} that ends in {year}-{month + 1:02}", field="period"
        )


def period_words(period: Period, lang: Literal["vi", "en"] = "vi") -> str:
    """Return a period in words: tháng 11 năm 2026, quý IV năm 2026, 6 tháng cuối năm 2026, 9 tháng năm 2026."""
    if lang == "en":
        return _in_english(period)
    match period.kind:
        case "month":
            within = f"tháng {period.number} "
        case "quarter":
            within = f"quý {_QUARTERS[period.number - 1]} "
        case "half_year":
            within = f"6 tháng {('đầu', 'cuối')[period.number - 1]} "
        case "nine_months":
            within = "9 tháng "
        case "year":
            within = ""
    return f"{within}năm {period.year}"


def _in_english(period: Period) -> str:
    match period.kind:
        case "month":
            return f"{month_name[period.number]} {period.year}"
        case "quarter":
            return f"Q{period.number} {period.year}"
        case "half_year":
            return f"{('First', 'Second')[period.number - 1]} half of {period.year}"
        case "nine_months":
            return f"Nine months of {period.year}"
        case "year":
            return f"{period.year}"


def parse_report_periods(report_periods_csv: str) -> ReportingPeriods:
    """Read the table.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_cutoff(row), row) for row in rows(_TABLE, report_periods_csv, _COLUMNS)]
    # Nine months are reported under some rules only; a table without a row for them leaves them out.
    missing = set(get_args(RepeatingKind)) - {cutoff.kind for cutoff, _ in found}
    if missing:
        raise table_error(_TABLE, 1, "kind", f"there is no row for {', '.join(sorted(missing))}")
    check_apart((cutoff.kind, cutoff.validity, row) for cutoff, row in found)
    return ReportingPeriods(cutoff for cutoff, _ in found)


def _cutoff(row: Row) -> _Cutoff:
    kind = cast("PeriodKind", row.choice("kind", get_args(PeriodKind)))
    if row.whole("months", 1, 12) != _MONTHS[kind]:
        row.refuse("months", f"a {kind} has {_MONTHS[kind]} months")
    row.text("source")
    row.confidence()
    return _Cutoff(kind, row.whole("cutoff_day", 1, _LAST_CUTOFF), row.validity())
