"""What the dated tables say of newborns, as the queries ask for it, and the rows that they return."""

from __future__ import annotations

import datetime as dt

from reporting.dated.calendar import local_day
from services.dated_tables import DatedTables
from services.web.figures.windows import Window

_DAY = dt.timedelta(days=1)


def newborns_asked(tables: DatedTables, window: Window, at: dt.datetime) -> dict[str, object]:
    """Return what the queries of newborns are asked beside units and window: limits, days off, today."""
    limits, today = tables.newborn_limits.on(window.last_on), local_day(at)
    days = [window.first_on + number * _DAY for number in range((today - window.first_on).days + 1)]
    return {
        "newborn_procedures": [one.procedure for one in limits],
        "newborn_within": [one.within_days for one in limits],
        "newborn_verified": [one.verified_days for one in limits],
        "days_off_since": [day for day in days if not tables.calendar.is_working(day)],
        "today": today,
    }
