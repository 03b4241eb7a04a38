"""Which form is asked for: the unit, the period or the days, and whether the reader may have it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from reporting.dated.calendar import local_day
from reporting.dated.periods import Period
from services.access.actors import Actor
from services.access.policy import Action, require
from services.errors import BadInput
from services.web.figures.windows import Window, must_be_in_calendar, window_between, window_of_period
from services.web.shell.parts import ViewParts


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A unit and a window; the period where one was named.

    Attributes:
        is_running: the last day of the period has not gone by: the window ends today.
        as_filed: the form of the figures that were filed is asked for, not the one that runs on.
    """

    unit_code: str
    window: Window
    period: Period | None
    is_running: bool = False
    as_filed: bool = False


def of_period(
    parts: ViewParts,
    actor: Actor,
    unit_code: str,
    key: str,
    action: Action = "cases.read",
    *,
    as_filed: bool = False,
) -> AskedForm:
    """Return the form of a period; of the running month where none is named.

    Args:
        action: what the reader must be allowed to do with the unit.

    Raises:
        UnknownUnit, UnknownPeriod: no such unit or period.
        Forbidden: the reader may not read the cases of the unit.
        BadInput: the period has not begun, or the unit files no such form.
    """
    _may_read(parts, actor, unit_code, action)
    today, periods = local_day(parts.clock()), parts.tables.periods
    period = periods.named(key) if key else periods.containing("month", today)
    window = window_of_period(period, today)
    return AskedForm(unit_code, window, period, not period.is_closed(today), as_filed)


def of_days(
    parts: ViewParts,
    actor: Actor,
    unit_code: str,
    first: dt.date | None,
    last: dt.date | None,
    action: Action = "cases.read",
) -> AskedForm:
    """Return the form over a window of days.

    Args:
        action: what the reader must be allowed to do with the unit.

    Raises:
        UnknownUnit, Forbidden, BadInput: as for `of_period`; the window is too long, turned round or ahead.
    """
    _may_read(parts, actor, unit_code, action)
    today = local_day(parts.clock())
    window = window_between(first, last, today)
    must_be_in_calendar("from", window.first_on)
    if window.last_on > today:
        raise BadInput("the window ends after today: what is overdue then is not known", field="to")
    return AskedForm(unit_code, window, None)


def _may_read(parts: ViewParts, actor: Actor, unit_code: str, action: Action) -> None:
    unit = parts.tables.units.get(unit_code)
    require(actor, action, unit_code, units=parts.tables.units)
    if unit.level == "nation":
        raise BadInput("a commune or a province files this form; name one of them", field="unit")
