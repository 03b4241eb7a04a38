"""The window of days of a request for figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from events.fields import FIRST_DAY, LAST_DAY
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period
from services.errors import BadInput
from services.web.shell.identity import Here

MAX_DAYS = 400
_USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Window:
    """Local days from the first to the last, both included."""

    first_on: dt.date
    last_on: dt.date


def window_of(
    parts: Here,
    first: Annotated[dt.date | None, Query(alias="from", description="First local day, YYYY-MM-DD.")] = None,
    last: Annotated[
        dt.date | None, Query(alias="to", description="Last local day; today by default.")
    ] = None,
    period: Annotated[
        str,
        Query(max_length=10, description="Instead of days: 2026-11, 2026-q4, 2026-h2, 2026-m9, 2026."),
    ] = "",
) -> Window:
    """Read the window of a request (a FastAPI dependency): the last 30 days by default.

    Raises:
        UnknownPeriod: the key names no period.
        BadInput: the window ends before it begins, exceeds 400 days, or lies outside the calendar; the period has not
            begun, or days are named beside it.
    """
    if period:
        if first is not None or last is not None:
            raise BadInput("a period has its own days: leave out from and to", field="period")
        return window_of_period(parts.tables.periods.named(period), local_day(parts.clock()))
    window = window_between(first, last, local_day(parts.clock()))
    must_be_in_calendar("from", window.first_on)
    must_be_in_calendar("to", window.last_on)
    return window


def window_of_period(period: Period, today: dt.date) -> Window:
    """Return the days of a period; of a running one those up to today.

    Raises:
        BadInput: the period has not begun.
    """
    if period.first_on > today:
        raise BadInput(f"the period {period.key} has not begun", field="period")
    return Window(period.first_on, min(period.last_on, today))


def window_between(first: dt.date | None, last: dt.date | None, today: dt.date) -> Window:
    """Return the window of what was asked: up to today, and 30 days, where nothing else was.

    Raises:
        BadInput: the window ends before it begins, or exceeds 400 days.
    """
    last_on = last or today
    first_on = first or last_on - dt.timedelta(days=_USUAL_DAYS - 1)
    if first_on > last_on:
        raise BadInput(f"the window ends ({last_on}) before it begins ({first_on})", field="from")
    if (last_on - first_on).days >= MAX_DAYS:
        raise BadInput(f"the window may span {MAX_DAYS} days: ask for fewer", field="from")
    return Window(first_on, last_on)


def must_be_in_calendar(field: str, day: dt.date) -> None:
    """Check that a day lies in the calendar.

    Raises:
        BadInput: it does not.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadInput(f"{field} must lie between {FIRST_DAY} and {LAST_DAY}", field=field)


Asked = Annotated[Window, Depends(window_of)]
"""The window of a request, as a parameter of a route."""
