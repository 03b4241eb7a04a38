"""Which escalations belong under which tab of a queue, and the tone of an open deadline. Pure; holds no texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from reporting.issues.clock import IssueClock
from reporting.issues.state import LIVE, Escalation, IssueState

ClockTone = Literal["running", "paused", "approaching", "breached", "reminder_passed"]
Tab = Literal["new", "unassigned", "working", "due", "returned", "answered", "petitions"]
TABS: tuple[Tab, ...] = ("new", "unassigned", "working", "due", "returned", "answered", "petitions")
HandOff = tuple[IssueState, Escalation]

_DUE = frozenset({"approaching", "breached", "reminder_passed"})
_STATES: dict[str, frozenset[str]] = {
    "new": frozenset({"sent"}),
    "working": frozenset({"acknowledged", "accepted"}),
    "answered": frozenset({"answered", "closed"}),
}
WITH_THE_LEAD = frozenset({"sent", "acknowledged", "accepted"})


def hand_offs(issues: Iterable[IssueState], body: str | None = None) -> list[HandOff]:
    """Return the escalations that reached the province or began there, newest first: all, or those one body leads."""
    found = [
        (issue, one)
        for issue in issues
        for one in issue.escalations
        if (body is None or one.lead_body == body) and (one.sent_at is not None or one.parent_id is not None)
    ]
    return sorted(found, key=lambda pair: pair[1].sent_at or pair[1].proposed_at, reverse=True)


def is_in_tab(tab: Tab, pair: HandOff, now: dt.datetime) -> bool:
    """Return whether an escalation belongs under a tab; it may belong under two."""
    issue, one = pair
    if tab == "petitions" or one.parent_id is not None:
        return tab == "petitions" and one.parent_id is not None
    if tab == "unassigned":
        return is_unassigned(issue, one)
    if tab == "due":
        clock = open_clock(issue, one)
        return one.state in LIVE and clock is not None and tone_of_clock(clock, now) in _DUE
    if tab == "returned":
        return is_returned(issue, one) or one.awaits_office_since is not None
    return one.state in _STATES[tab]


def is_unassigned(issue: IssueState, one: Escalation) -> bool:
    """Return whether the provincial office must name the lead: returned, disputed again, or held by the office."""
    return one.awaits_office_since is not None or (
        one.lead_body == issue.office_body and one.state in WITH_THE_LEAD
    )


def is_returned(issue: IssueState, one: Escalation) -> bool:
    """Return whether an escalation was returned and has no new lead; one of a withdrawn or closed issue needs none."""
    return one.state == "returned" and one.replaced_by is None and issue.is_open


def waiting_first(pairs: Iterable[HandOff]) -> list[HandOff]:
    """Return the escalations that wait for an act first; the order within each half stays."""
    return sorted(pairs, key=lambda pair: pair[1].state not in LIVE)


def open_clock(issue: IssueState, one: Escalation | None) -> IssueClock | None:
    """Return the earliest open deadline, of one escalation or of the whole issue."""
    wanted = (
        clock
        for clock in issue.clocks
        if clock.state in {"running", "paused", "breached"}
        and clock.stopped_at is None
        and (one is None or clock.escalation_id == one.id)
    )
    return min(wanted, key=lambda clock: clock.due_at, default=None)


def tone_of_clock(clock: IssueClock, now: dt.datetime) -> ClockTone:
    """Return the tone of an open deadline; a default one is a reminder mark and never overdue (practice.md)."""
    if clock.state == "paused":
        return "paused"
    if clock.state == "breached" or now > clock.due_at:
        return "reminder_passed" if clock.is_reminder else "breached"
    return "approaching" if clock.is_near(now) else "running"
