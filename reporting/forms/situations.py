"""What a case is to a window: all that a rule of a form may ask, and nothing that depends on one."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

from reporting.cases.marked_days import DatedState, Span, marked_days
from reporting.cases.marks import MARKS
from reporting.cases.status import Status

Arrived = Literal["before", "inside"]
Ended = Literal["", "before", "inside", "after"]
AgainstDue = Literal["none", "before", "on", "after"]

_BIT = {name: 1 << bit for bit, name in enumerate(MARKS)}


class CaseFacts(NamedTuple):
    """The facts of a received case as they are known now."""

    is_online: bool
    status_code: int
    received_on: dt.date
    due_on: dt.date | None
    closed_on: dt.date | None
    close_kind: str
    pauses: tuple[Span, ...]
    late_cause: str = ""


class Situation(NamedTuple):
    """What the facts of a case say about a window of days.

    The query `form_situations` makes the same from the facts, for many cases at once (parts/form_cases.sql); a test
    holds the two together.

    Attributes:
        against_due: where the day that counts lies against the due day: the day of the end where the case ended by the
            last day of the window, else that last day.
        is_late: a day by then began past the due day with the clock running.
        at_rest: at the end of the last day the case was open and its clock stood still.
        asked_by_then: the latest pause had begun by the last day.
        late_cause: the cause that the office named, of a case that ended in the window past its due day; else nothing.
    """

    is_online: bool
    arrived: Arrived
    ended: Ended
    close_kind: str
    status_code: int
    against_due: AgainstDue
    is_late: bool
    at_rest: bool
    asked_by_then: bool
    late_cause: str = ""


def situation_of(case: CaseFacts, first_on: dt.date, last_on: dt.date) -> Situation | None:
    """Return what a case is to a window; nothing where neither rule could count it there."""
    ended = _ended(case.closed_on, first_on, last_on)
    if case.received_on > last_on or (ended == "before" and case.status_code != Status.STOPPED):
        return None
    counts_on = case.closed_on if case.closed_on is not None and case.closed_on <= last_on else last_on
    days = marked_days(
        DatedState(
            submitted_on=case.received_on,
            received_on=case.received_on,
            refused_on=None,
            due_on=case.due_on,
            closed_on=case.closed_on,
            close_kind=case.close_kind,
            returned_on=None,
            pauses=case.pauses,
        )
    )

    def count(mark: str) -> int:
        return sum(bool(bits & _BIT[mark]) for day, bits in days.items() if day <= last_on)

    against_due = _against(case.due_on, counts_on)
    return Situation(
        is_online=case.is_online,
        arrived="before" if case.received_on < first_on else "inside",
        ended=ended,
        close_kind=case.close_kind,
        status_code=case.status_code,
        against_due=against_due,
        is_late=count("overdue_in") > 0,
        at_rest=count("paused_in") > count("paused_out"),
        asked_by_then=not case.pauses or max(first for first, _ in case.pauses) <= last_on,
        late_cause=case.late_cause if ended == "inside" and against_due == "after" else "",
    )


def _ended(closed_on: dt.date | None, first_on: dt.date, last_on: dt.date) -> Ended:
    if closed_on is None:
        return ""
    if closed_on < first_on:
        return "before"
    return "inside" if closed_on <= last_on else "after"


def _against(due_on: dt.date | None, day: dt.date) -> AgainstDue:
    if due_on is None:
        return "none"
    if day < due_on:
        return "before"
    return "on" if day == due_on else "after"
