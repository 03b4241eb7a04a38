"""Which items of work stand under which view of a reader, and how an open deadline stands. Pure; holds no texts.

A view is one rule: its list is what the rule holds for, and its count is the length of that list, here and on cards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from reporting.issues.clock import IssueClock
from reporting.issues.need import Item, Need, Today, by_need, is_near, is_past
from reporting.issues.state import LIVE, Escalation, IssueState

ClockTone = Literal["running", "paused", "approaching", "breached", "reminder_passed"]
Holds = Callable[[Item, Today], bool]
WITH_THE_LEAD = frozenset({"sent", "acknowledged", "accepted"})


def hand_offs(issues: Iterable[IssueState], body: str | None = None) -> list[Item]:
    """Return what has reached the province or was begun there: everything, or what one body leads."""
    return [
        Item(issue, one)
        for issue in issues
        for one in issue.escalations
        if (body is None or one.lead_body == body) and (one.sent_at is not None or one.parent_id is not None)
    ]


def petitions_to(issues: Iterable[IssueState], body: str | None) -> list[Item]:
    """Return what was sent to a ministry, or to any; what a province still drafts is not shown."""
    return [
        Item(issue, one)
        for issue in issues
        for one in issue.escalations
        if one.level == "ministry" and (body is None or one.lead_body == body) and one.sent_at is not None
    ]


def of_commune(issues: Iterable[IssueState]) -> list[Item]:
    """Return the difficulties of a commune, each once."""
    return [Item(issue) for issue in issues]


def is_unassigned(issue: IssueState, one: Escalation) -> bool:
    """Return whether the provincial office has to name who leads: it came back, was disputed again, or lies with the office."""
    return one.awaits_office_since is not None or (
        one.lead_body == issue.office_body and one.state in WITH_THE_LEAD
    )


def is_returned(issue: IssueState, one: Escalation) -> bool:
    """Return whether a hand-off came back and nobody has it yet; what the commune withdrew or ended waits for nobody."""
    return (one.state == "returned" and one.replaced_by is None and issue.is_open) or (
        one.awaits_office_since is not None
    )


def tone_of_clock(clock: IssueClock, today: Today) -> ClockTone:
    """Return the state of an open deadline; a default one is a reminder mark and never overdue (practice.md)."""
    if clock.state == "paused":
        return "paused"
    if is_past(clock, today.now):
        return "reminder_passed" if clock.is_reminder else "breached"
    return "approaching" if is_near(clock, today) else "running"


def mark_of_clock(clock: IssueClock, today: Today) -> str:
    """Return the mark of a deadline: its state while it is open, else how it ended."""
    if clock.stopped_at is not None and clock.state == "breached":
        return "reminder_passed" if clock.is_reminder else "breached"
    if clock.stopped_at is not None or clock.state not in {"running", "paused", "breached"}:
        return clock.state
    return tone_of_clock(clock, today)


@dataclass(frozen=True)
class Desk:
    """The work of one reader on one day.

    Attributes:
        items: everything that the reader may see.
        views: the names of the views, in the order of the rail.
        ours: the bodies whose steps the reader looks after; None stands for all.
    """

    items: tuple[Item, ...]
    views: tuple[str, ...]
    today: Today
    ours: frozenset[str] | None = None

    def under(self, view: str) -> list[tuple[Need, Item]]:
        """Return what stands under a view, by need."""
        return by_need(self._under[view], self.ours, self.today)

    def count(self, view: str) -> int:
        """Count what stands under a view: the length of its list."""
        return len(self._under[view])

    def only(self, holds: Callable[[Item], bool]) -> Desk:
        """Return the desk with a part of its items, as a filter leaves them."""
        return Desk(tuple(item for item in self.items if holds(item)), self.views, self.today, self.ours)

    @cached_property
    def _under(self) -> Mapping[str, list[Item]]:
        return {view: [item for item in self.items if VIEWS[view](item, self.today)] for view in self.views}


def _of_hand_off(holds: Callable[[IssueState, Escalation], bool]) -> Holds:
    def view(item: Item, _today: Today) -> bool:
        return item.hand_off is not None and holds(item.issue, item.hand_off)

    return view


def _waits_here(issue: IssueState, one: Escalation) -> bool:
    is_own = one.parent_id is None and issue.is_open
    return is_own and (one.state in WITH_THE_LEAD or is_unassigned(issue, one) or is_returned(issue, one))


def _is_open(item: Item) -> bool:
    one = item.hand_off
    if one is None:
        return item.issue.is_open
    return item.issue.is_open and (one.state in LIVE or _waits_here(item.issue, one))


def _with_clock(holds: Callable[[IssueClock, Today], bool]) -> Holds:
    def view(item: Item, today: Today) -> bool:
        one, clock = item.hand_off, item.clock
        if clock is None or not _is_open(item) or (one is not None and one.parent_id and one.sent_at is None):
            return False
        return holds(clock, today)

    return view


def _root_in(*states: str) -> Holds:
    def view(item: Item, _today: Today) -> bool:
        root = item.issue.root
        return root is not None and root.state in states and item.issue.is_open

    return view


def _issue_in(*states: str) -> Holds:
    def view(item: Item, _today: Today) -> bool:
        return item.issue.state in states

    return view


def _is_answered(item: Item, _today: Today) -> bool:
    one = item.hand_off
    if one is None:
        return item.issue.state in {"solution_claimed", "answered"}
    return one.parent_id is None and one.state in {"answered", "closed"}


def _is_late_promise(item: Item, today: Today) -> bool:
    given = None if item.hand_off is None else item.hand_off.answer
    promised = given.expected_on if given is not None else None
    return item.issue.is_open and promised is not None and promised < today.on


VIEWS: Mapping[str, Holds] = MappingProxyType(
    {
        "open": _of_hand_off(_waits_here),
        "new": _of_hand_off(
            lambda issue, one: one.parent_id is None and one.state == "sent" and issue.is_open
        ),
        "unassigned": _of_hand_off(
            lambda issue, one: one.parent_id is None and issue.is_open and is_unassigned(issue, one)
        ),
        "returned": _of_hand_off(lambda issue, one: one.parent_id is None and is_returned(issue, one)),
        "late": _with_clock(lambda clock, today: is_past(clock, today.now)),
        "overdue": _with_clock(lambda clock, today: is_past(clock, today.now) and not clock.is_reminder),
        "near": _with_clock(is_near),
        "confirming": _of_hand_off(
            lambda issue, one: one is issue.root and issue.state == "solution_claimed"
        ),
        "petitions": _of_hand_off(
            lambda issue, one: (
                one.parent_id is not None and issue.is_open and (one.state in LIVE or one.state == "answered")
            )
        ),
        "promise_late": _is_late_promise,
        "answered": _is_answered,
        "unanswered": _of_hand_off(lambda _issue, one: one.state in WITH_THE_LEAD),
        "fresh": _of_hand_off(lambda _issue, one: one.state == "sent"),
        "replied": _of_hand_off(lambda _issue, one: one.state in {"answered", "closed"}),
        "all": lambda _item, _today: True,
        "proposed": _root_in("proposed"),
        "in_correction": _root_in("in_correction"),
        "awaiting_document": _root_in("awaiting_document"),
        "with_lead": _root_in(*WITH_THE_LEAD),
        "to_confirm": _issue_in("solution_claimed"),
        "ended": _issue_in("confirmed", "closed", "withdrawn"),
    }
)
"""Every view of any reader: whether an item stands under it."""

OFFICE: tuple[str, ...] = (
    *("open", "new", "unassigned", "returned", "late", "overdue", "near"),
    *("confirming", "petitions", "promise_late", "answered"),
)
DEPARTMENT: tuple[str, ...] = (
    *("open", "new", "late", "overdue", "near"),
    *("confirming", "petitions", "promise_late", "answered"),
)
MINISTRY: tuple[str, ...] = ("unanswered", "fresh", "late", "overdue", "near", "replied")
COMMUNE: tuple[str, ...] = (
    *("all", "proposed", "in_correction", "awaiting_document", "with_lead", "late", "near"),
    *("to_confirm", "answered", "ended"),
)
WHERE_ANY: frozenset[str] = frozenset(
    {"returned", "overdue", "promise_late", "awaiting_document", "in_correction"}
)
"""Views that a rail shows only where something stands under them."""
