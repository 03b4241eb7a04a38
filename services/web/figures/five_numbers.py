"""The five numbers of each role (practice.md), from the present states of issues and cases. Pure; None: not known."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from reporting.dated.calendar import local_day
from reporting.dated.pause_reasons import UPSTREAM_FAULT
from reporting.issues.state import LIVE, Escalation, IssueState
from reporting.promises.register import Spot
from services.web.issues.queue import WITH_THE_LEAD, is_returned, is_unassigned, open_clock, tone_of_clock

Tone = Literal["plain", "late", "soon", "good"]


@dataclass(frozen=True, slots=True)
class Number:
    """One number: its label is `number.<key>`; `note` is the key of the sentence under it."""

    key: str
    value: float | None
    tone: Tone = "plain"
    href: str | None = None
    note: str | None = None
    attribute: str | None = None
    is_share: bool = False


def of_officer(
    issues: Sequence[IssueState], due_today: int | None, overdue: int | None, waiting: int | None
) -> tuple[Number, ...]:
    """Return the numbers of an officer at the counter; only the device knows how many reports wait to be sent."""
    return (
        Number("due_today", due_today, "soon", "/xa/ho-so?due=today"),
        Number("overdue", overdue, "late", "/xa/ho-so?due=overdue"),
        Number("waiting_supplement", waiting, "plain", "/xa/ho-so?status=5"),
        Number("waiting_to_send", None, "soon", "/xa/kho-khan/moi", attribute="data-outbox-count"),
        Number(
            "new_answers",
            _in(issues, {"solution_claimed", "answered"}),
            "good",
            "/xa/kho-khan?state=answered",
        ),
    )


def of_chair(issues: Sequence[IssueState], overdue: int | None) -> tuple[Number, ...]:
    """Return the numbers of a commune's chair; its clerk sees the same."""
    states = Counter(root.state for issue in issues if (root := issue.root) is not None)
    unanswered = sum(states[state] for state in WITH_THE_LEAD)
    return (
        Number("waiting_approval", states["proposed"], "soon", "/xa/kho-khan?state=proposed"),
        Number(
            "waiting_document", states["awaiting_document"], "soon", "/xa/kho-khan?state=awaiting_document"
        ),
        Number("overdue_cases", overdue, "late", "/xa/ho-so?due=overdue"),
        Number("unanswered_proposals", unanswered, "plain", "/xa/kho-khan?state=with_lead"),
        Number(
            "waiting_confirmation", _in(issues, {"solution_claimed"}), "soon", "/xa/kho-khan?state=answered"
        ),
    )


def of_coordinator(
    issues: Sequence[IssueState], problems: int, silent_units: int | None, now: dt.datetime
) -> tuple[Number, ...]:
    """Return the numbers of the provincial office; `problems` are those that are still followed."""
    handed = [(issue, one) for issue in issues for one in issue.escalations if one.parent_id is None]
    unassigned = sum(is_unassigned(issue, one) for issue, one in handed)
    returned = sum(is_returned(issue, one) for issue, one in handed)
    overdue = sum(_is_overdue(issue, one, now) for issue, one in handed)
    return (
        Number("unassigned", unassigned, "soon", "/tinh?tab=unassigned"),
        Number("returned", returned, "soon", "/tinh?tab=returned"),
        Number("overdue_by_body", overdue, "late", "/tinh?tab=due", note="late_law_only"),
        Number("problems", problems, "plain", "/tinh/van-de-chung"),
        Number("silent_units", silent_units, "late", "/tinh/tong-quan?sort=received"),
    )


def of_department(
    issues: Sequence[IssueState], body: str, register: Sequence[Spot], now: dt.datetime
) -> tuple[Number, ...]:
    """Return the numbers of a department; `register` holds its villages without signal, power or an internet line."""
    own = [(issue, one) for issue in issues for one in issue.escalations if one.lead_body == body]
    near = sum(one.state in LIVE and _tone(issue, one, now) == "approaching" for issue, one in own)
    today = local_day(now)
    standing = [spot for spot in register if spot.state(today) not in {"closed", "struck"}]
    spots = sum(spot.gap in {"no_signal", "poor_signal"} for spot in standing)
    late = sum(_is_late_promise(issue, one, today) for issue, one in own)
    late += sum(spot.state(today) == "late" for spot in standing)
    return (
        Number("newly_received", sum(one.state == "sent" for _, one in own), "soon", "/tinh?tab=new"),
        Number("due_soon", near, "soon", "/tinh?tab=due"),
        Number("dead_spots", spots, "plain", "/thon-lom", note="in_register"),
        Number("late_commitments", late, "late", "/thon-lom?state=late"),
        Number(
            "waiting_commune_confirmation",
            sum(issue.state == "solution_claimed" for issue, _ in own),
            "plain",
            "/tinh?tab=answered",
        ),
    )


def of_ministry(
    issues: Sequence[IssueState],
    body: str | None,
    spread: int,
    coverage: tuple[int, int] | None,
    now: dt.datetime,
) -> tuple[Number, ...]:
    """Return the numbers of a ministry.

    Args:
        issues: the issues whose petitions the ministry leads.
        spread: count of kinds of open difficulty in many provinces (thresholds.csv, `spread_provinces`).
        coverage: provinces with figures and all provinces; None where no province has figures.
    """
    own = [
        (issue, one)
        for issue in issues
        for one in issue.escalations
        if one.level == "ministry" and (body is None or one.lead_body == body)
    ]
    waiting = [one.sent_at for _, one in own if one.state in WITH_THE_LEAD and one.sent_at is not None]
    longest = max(((now - asked).days for asked in waiting), default=None)
    met, missed = _kept_deadlines(own)
    reported, whole = coverage or (0, 0)
    return (
        Number("unanswered", len(waiting), "soon", "/tw#kien-nghi"),
        Number(
            "longest_wait",
            longest,
            "plain",
            "/tw#kien-nghi",
            note="nothing_waits" if longest is None else "days",
        ),
        Number("problems_in_five_provinces", spread, "plain", "/tw#loai"),
        Number("on_time_share", met / (met + missed) if met + missed else None, "plain", None, is_share=True),
        Number("coverage", reported / whole if whole else None, "plain", "/tw#tinh", is_share=True),
    )


def of_auditor(issues: Sequence[IssueState], exports: int) -> tuple[Number, ...]:
    """Return the numbers of an auditor; a number that the product does not measure yet is None.

    Args:
        exports: how many documents were drawn as files.
    """
    acts = [act for issue in issues for act in issue.acts if act.refused is None]
    without = sum(
        one.formal and one.state in {"answered", "closed"} and one.document is None
        for issue in issues
        for one in issue.escalations
    )
    return (
        Number("recorded_on_behalf", sum(act.on_behalf_of is not None for act in acts)),
        Number("missing_document_numbers", without, "late"),
        Number("changed_after_closing", None, note="not_measured"),
        Number("pauses_without_basis", _pauses_without_basis(issues), "late"),
        Number("exports", exports),
    )


def _pauses_without_basis(issues: Iterable[IssueState]) -> int:
    """Count the pauses that were given without a text and without a document, each once."""
    return len(
        {
            pause.id
            for issue in issues
            for clock in issue.clocks
            for pause in clock.pauses
            if pause.reason != UPSTREAM_FAULT and pause.note is None and pause.document is None
        }
    )


def _in(issues: Iterable[IssueState], states: set[str]) -> int:
    return sum(issue.state in states for issue in issues)


def _tone(issue: IssueState, one: Escalation, now: dt.datetime) -> str | None:
    clock = open_clock(issue, one)
    return None if clock is None else tone_of_clock(clock, now)


def _is_overdue(issue: IssueState, one: Escalation, now: dt.datetime) -> bool:
    return one.state in LIVE and _tone(issue, one, now) == "breached"


def _is_late_promise(issue: IssueState, one: Escalation, today: dt.date) -> bool:
    given = one.answer
    return issue.is_open and given is not None and given.expected_on is not None and given.expected_on < today


def _kept_deadlines(own: Iterable[tuple[IssueState, Escalation]]) -> tuple[int, int]:
    """Count met and missed deadlines of a body; reminder marks are in no ranking (practice.md)."""
    clocks = [
        clock
        for issue, one in own
        for clock in issue.clocks
        if clock.escalation_id == one.id and clock.holder_body == one.lead_body and not clock.is_reminder
    ]
    return sum(clock.state == "met" for clock in clocks), sum(clock.state == "breached" for clock in clocks)
