"""When who is reminded to confirm a period: working days before the sending day, and once it has gone by. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from events.periods import PeriodEvent, PeriodReminded, PeriodSumReminded
from reporting.dated.calendar import WorkingCalendar
from reporting.dated.sending import Sending
from reporting.notice import Notice, Recipient, Template, notice_of

Mark = Literal["before", "after"]

LATE_FOR_DAYS = 3
"""So many working days after the sending day the reminder of it is still worth its while; then nobody is reminded anew."""

_OF_PROVINCE: dict[Mark, Template] = {"before": "sum_wanted", "after": "sum_passed"}
_OF_UNIT: dict[Mark, Template] = {"before": "filing_wanted", "after": "filing_passed"}


def mark_on(day: dt.date, sending: Sending, calendar: WorkingCalendar, lead_days: int) -> Mark | None:
    """Return which reminder of a period is due on a local day, if any; on days off nobody is reminded.

    Args:
        lead_days: how many working days before the sending day the first one begins.
    """
    if day <= sending.period.last_on or not calendar.is_working(day):
        return None
    if day <= sending.due_on:
        return "before" if calendar.working_days_between(day, sending.due_on) <= lead_days else None
    return "after" if calendar.working_days_between(sending.due_on, day) <= LATE_FOR_DAYS else None


def notices_of_period(event: PeriodEvent) -> tuple[Notice, ...]:
    """Return the notices of a reminder: to the chair and the officers of each commune, and to the provincial office.

    Of its own sending day a province's office and its leader are reminded.

    Other steps of a period are seen on its page.
    """
    if isinstance(event, PeriodSumReminded):
        return (_of_sum(event),)
    if not isinstance(event, PeriodReminded):
        return ()
    said = event.data
    office = notice_of(
        event,
        "filings_missing",
        Recipient(f"{said.province_code}.vp_ubnd"),
        unit_code=said.province_code,
        detail=f"{said.period} {len(said.unit_codes)}",
    )
    return (*_of_units(event, said.unit_codes), office)


def _of_sum(event: PeriodSumReminded) -> Notice:
    said = event.data
    recipient = Recipient(f"{said.province_code}.vp_ubnd", ("province_reviewer", "province_leader"))
    return notice_of(
        event, _OF_PROVINCE[said.mark], recipient, unit_code=said.province_code, detail=said.period
    )


def _of_units(event: PeriodReminded, unit_codes: Iterable[str]) -> Iterable[Notice]:
    for code in unit_codes:
        recipient = Recipient(f"{code}.ubnd", ("commune_chair", "commune_officer"))
        yield notice_of(event, _OF_UNIT[event.data.mark], recipient, unit_code=code, detail=event.data.period)
