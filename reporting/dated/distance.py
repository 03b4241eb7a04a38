"""How far a day lies from today, counted in the days that its deadline is counted in. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from events.fields import DaysKind
from reporting.dated.calendar import WorkingCalendar

Closeness = Literal["late", "near", "soon", "far"]
"""A day that has passed, today, the next working day, or a later one."""


def days_until(
    calendar: WorkingCalendar, today: dt.date, day: dt.date, days_kind: DaysKind = "working"
) -> int:
    """Return the days that are left; 0 on the day itself, negative once it has passed.

    A day other than today is at least one day away, even where no office works in between: nothing that was due
    on Friday is due today on Saturday.

    Raises:
        OutsideCalendar: a day lies before 1990 or after 2099.
    """
    if day == today:
        return 0
    counted = calendar.working_days_between(today, day) if days_kind == "working" else (day - today).days
    return max(1, counted) if day > today else min(-1, counted)


def closeness(calendar: WorkingCalendar, today: dt.date, day: dt.date) -> Closeness:
    """Tell how close a day is; what falls due by the next working day is soon, however its days are counted.

    Raises:
        OutsideCalendar: a day lies before 1990 or after 2099.
    """
    if day <= today:
        return "near" if day == today else "late"
    return "soon" if calendar.working_days_between(today, day) <= 1 else "far"
