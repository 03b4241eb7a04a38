"""The window of days of a request for figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from events.fields import FIRST_DAY, LAST_DAY
from reporting.dated.calendar import local_day
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
) -> Window:
    """Read the window of a request (a FastAPI dependency): the last 30 days by default.

    Raises:
        BadInput: the window ends before it begins, exceeds 400 days, or lies outside the calendar.
    """
    window = window_between(first, last, local_day(parts.clock()))
    must_be_in_calendar("from", window.first_on)
    must_be_in_calendar("to", window.last_on)
    return window


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
