"""The limits of newborns as parameters of the queries, and the rows that they return."""

from __future__ import annotations

import datetime as dt

from reporting.dated.calendar import local_day
from reporting.privacy import small_counts
from services.dated_tables import DatedTables
from services.warehouse.client import Raw
from services.warehouse.named_queries import Params
from services.web.figures.figures import communes_in
from services.web.figures.schemas import NewbornLimitView, Newborns, NewbornsOfUnit, NewbornsWaiting
from services.web.figures.windows import Window
from services.web.shell.parts import ViewParts

_DAY = dt.timedelta(days=1)


def newborns_asked(tables: DatedTables, window: Window, at: dt.datetime) -> Params:
    """Return what the queries of newborns are asked beside units and window: limits, days off, today.

    `newborn_off` are the procedures and days off ("2.000986 2026-07-04") from which a receipt moves to the next working
    day, as it does for the due day; `newborn_begins` are those working days.
    """
    limits, today = tables.newborn_limits.on(window.last_on), local_day(at)
    days = [window.first_on + number * _DAY for number in range((today - window.first_on).days + 1)]
    days_off = [day for day in days if not tables.calendar.is_working(day)]
    moved = [
        (f"{one.procedure} {day.isoformat()}", tables.calendar.add_working_days(day, 1))
        for one in limits
        for day in days_off
        if tables.start_rules.of(one.procedure, day).rule == "received_next_working_day"
    ]
    return {
        "newborn_procedures": [one.procedure for one in limits],
        "newborn_within": [one.within_days for one in limits],
        "newborn_verified": [one.verified_days for one in limits],
        "newborn_off": [off for off, _ in moved],
        "newborn_begins": [begins_on for _, begins_on in moved],
        "days_off_since": days_off,
        "today": today,
    }


def newborns(parts: ViewParts, unit_code: str, window: Window, *, suppress: bool) -> Newborns:
    """Return the newborns of a unit and a window.

    Args:
        suppress: return None for small counts of sensitive fields, for readers who may not read the cases.

    Raises:
        NotReady: the engine cannot be reached.
    """
    asked = {
        "units": list(communes_in(parts, unit_code)),
        "from": window.first_on,
        "to": window.last_on,
        **newborns_asked(parts.tables, window, parts.clock()),
    }

    def kept(row: Raw) -> Raw:
        fields = [str(one) for one in row["field_codes"]]
        small = suppress and any(map(parts.tables.procedures.is_sensitive, fields))
        found = {**row, **small_counts(row)} if small else row
        # A median of few, or the longest of few, would disclose one of them.
        rests = {"median_days": "issued_count", "longest_days": "waiting_count"}
        hidden = {
            name: None for name, count in rests.items() if found.get(count, 0) is None and name in found
        }
        return {**found, **hidden}

    units = [kept(row) for row in parts.warehouse.query("newborns_by_unit", **asked)]
    waiting = [kept(row) for row in parts.warehouse.query("newborns_waiting", **asked)]
    return Newborns(
        unit_code=unit_code,
        first_on=window.first_on,
        last_on=window.last_on,
        limits=[
            NewbornLimitView(**{name: getattr(one, name) for name in NewbornLimitView.model_fields})
            for one in parts.tables.newborn_limits.on(window.last_on)
        ],
        units=[NewbornsOfUnit(**{name: row[name] for name in NewbornsOfUnit.model_fields}) for row in units],
        waiting=[
            NewbornsWaiting(**{name: row[name] for name in NewbornsWaiting.model_fields}) for row in waiting
        ],
    )
