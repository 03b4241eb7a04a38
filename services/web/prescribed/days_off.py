"""Count the cases whose due day another reading of receptions on days off would move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from services.web.figures.figures import communes_in
from services.web.prescribed.reading import PrescribedForm
from services.web.shell.parts import ViewParts
from services.web.shell.schemas import Answer

_DAY = dt.timedelta(days=1)


class OnDaysOff(Answer):
    """Row of `received_on_days_off`."""

    procedure_code: str
    case_count: int


def moved_by_other_readings(parts: ViewParts, form: PrescribedForm) -> Mapping[str, int]:
    """Return how many cases received on days off another reading would move, by the code of the row in force."""
    tables, window = parts.tables, form.window
    days = (window.first_on + _DAY * n for n in range((window.last_on - window.first_on).days + 1))
    days_off = [day for day in days if not tables.calendar.is_working(day)]
    rows = parts.warehouse.query_of(
        OnDaysOff,
        "received_on_days_off",
        units=list(communes_in(parts, form.unit.code)),
        days_off=days_off,
        **{"from": window.first_on},
    )
    found = {row.code: 0 for row in tables.start_rules.on(window.last_on)}
    for row in rows:
        if row.procedure_code:
            found[tables.start_rules.of(row.procedure_code, window.last_on).code] += row.case_count
    return found
