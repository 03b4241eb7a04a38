"""Weeks of a period: what each received per person and day, and which of them are peaks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import NamedTuple

from reporting.dated.workload_weights import Weights

LEAST_WEEKS = 3
"""Among fewer weeks with days of work none is a peak."""
_WEEK = dt.timedelta(days=7)


class Received(NamedTuple):
    """How many cases of a procedure came in during the week that begins on a Monday."""

    week: dt.date
    field_code: str
    procedure_code: str
    case_count: int


@dataclass(frozen=True, slots=True)
class Week:
    """A week, as far as it lies in the period.

    Attributes:
        officer_days: days of work in it; none in a week of holidays.
    """

    first_on: dt.date
    last_on: dt.date
    case_count: int
    minutes: int
    officer_days: int
    is_peak: bool = False

    @property
    def per_day(self) -> Fraction | None:
        """Return the minutes received per person and day of work; nothing in a week without any."""
        return Fraction(self.minutes, self.officer_days) if self.officer_days else None


def weeks_of(
    first_on: dt.date,
    last_on: dt.date,
    received: Iterable[Received],
    weights: Weights,
    officer_days: Mapping[dt.date, int],
    peak: int,
) -> Sequence[Week]:
    """Return every week of a period.

    Args:
        officer_days: by working day.
        peak: from how many percent of the median week one is a peak.
    """
    cases: Counter[dt.date] = Counter()
    minutes: Counter[dt.date] = Counter()
    for one in received:
        cases[one.week] += one.case_count
        minutes[one.week] += one.case_count * weights.minutes(one.field_code, one.procedure_code)
    days: Counter[dt.date] = Counter()
    for day, count in officer_days.items():
        days[_monday(day)] += count
    found = []
    monday = _monday(first_on)
    while monday <= last_on:
        ends = (max(monday, first_on), min(monday + _WEEK - dt.timedelta(days=1), last_on))
        found.append(Week(*ends, cases[monday], minutes[monday], days[monday]))
        monday += _WEEK
    return _with_peaks(found, peak)


def _with_peaks(weeks: Sequence[Week], peak: int) -> Sequence[Week]:
    known = [one.per_day for one in weeks if one.per_day is not None]
    usual = median(known) if len(known) >= LEAST_WEEKS else None
    if not usual:
        return weeks
    return [
        Week(
            one.first_on,
            one.last_on,
            one.case_count,
            one.minutes,
            one.officer_days,
            is_peak=one.per_day is not None and 100 * one.per_day >= peak * usual,
        )
        for one in weeks
    ]


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
