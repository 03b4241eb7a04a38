"""The five numbers of each role (practice.md), each the length of the list that it leads to. Pure; none means: not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from reporting.issues.need import Item
from reporting.promises.register import Spot
from services.intake.case_counts import CaseCounts
from services.web.figures.audited import Audited, AuditView
from services.web.issues.queue import Desk

Tone = Literal["plain", "late", "soon", "good"]
OF_CASES = frozenset({"due_today", "overdue", "waiting_supplement", "overdue_cases"})
"""Numbers that rest on what the source of cases delivered."""
AUDIT_LISTS = "/tinh/giam-sat"
"""Where an auditor reads what is counted."""
EXPORTS = "exports"
CHANGED = "/ky-bao-cao?sua=1"
"""Where what changed after a period was closed is listed."""


FORMULAS: Mapping[str, str] = MappingProxyType(
    {
        "waiting_supplement": "cases whose clock stands still until the citizen supplies more papers",
        "waiting_to_send": "letters in the outbox of this device",
        "problems": "common problems of the province that are still followed",
        "silent_units": "communes whose figures of the running day nobody knows: of any kind of silence but a true zero",
        "dead_spots": "villages of the register without a signal, or with a poor one, not closed or struck out",
        "late_commitments": "villages of the register whose promised day has passed",
        "unanswered": "petitions that wait for an answer",
        "longest_wait": "whole days since the petition was sent that has waited longest for an answer",
        "problems_in_five_provinces": "kinds of difficulty open in as many provinces as `spread_provinces` names",
        "on_time_share": "deadlines of the ministry that were met / those met or breached, without reminder marks",
        "coverage": "provinces with figures / all provinces",
        "recorded_on_behalf": "acts that somebody recorded for another body",
        "missing_document_numbers": "formal proposals that were answered and have no document",
        "changed_after_closing": "communes that have other figures now than they filed for the last month that ended",
        "pauses_without_basis": "pauses that somebody gave without words and without a document",
        "exports": "documents and lists that left the system as files",
    }
)
"""How a number is counted that is neither a metric nor a view of a list: docs/numbers.md is made of it."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number: its label is `number.<key>`; `note` is a key of a sentence under it."""

    key: str
    value: float | None
    tone: Tone = "plain"
    href: str | None = None
    note: str | None = None
    attribute: str | None = None
    is_share: bool = False

    @property
    def opens_rows(self) -> bool:
        """Return whether it counts the rows of the list that it leads to; shares and days count none."""
        counts = self.value is not None and not self.is_share and self.note not in {"days", "nothing_waits"}
        return counts and self.href is not None


def where_the_day_is_unknown(found: Iterable[Number], keys: frozenset[str]) -> tuple[Number, ...]:
    """Return numbers without the zeros of cases: nobody knows whether nothing came, or nothing was delivered."""
    return tuple(
        replace(one, value=None, note="no_figures_today") if one.key in keys and one.value == 0 else one
        for one in found
    )


def of_officer(desk: Desk, cases: CaseCounts) -> tuple[Number, ...]:
    """Return the numbers of an officer at the counter; what waits to be sent only the device knows."""
    return (
        Number("due_today", cases.due_today, "soon", "/xa/ho-so?due=today"),
        Number("overdue", cases.overdue, "late", "/xa/ho-so?due=overdue"),
        Number("waiting_supplement", cases.waiting_supplement, "plain", "/xa/ho-so?due=supplement"),
        Number("waiting_to_send", None, "soon", "/xa/kho-khan/moi", attribute="data-outbox-count"),
        Number("new_answers", desk.count("answered"), "good", "/xa/kho-khan?state=answered"),
    )


def of_chair(desk: Desk, overdue: int | None) -> tuple[Number, ...]:
    """Return the numbers of a commune's chair; its clerk sees the same."""
    list_of = "/xa/kho-khan?state="
    return (
        Number("waiting_approval", desk.count("proposed"), "soon", f"{list_of}proposed"),
        Number("waiting_document", desk.count("awaiting_document"), "soon", f"{list_of}awaiting_document"),
        Number("overdue_cases", overdue, "late", "/xa/ho-so?due=overdue"),
        Number("unanswered_proposals", desk.count("with_lead"), "plain", f"{list_of}with_lead"),
        Number("waiting_confirmation", desk.count("to_confirm"), "soon", f"{list_of}to_confirm"),
    )


def of_coordinator(desk: Desk, problems: int, silent: Sequence[str] | None) -> tuple[Number, ...]:
    """Return the numbers of the provincial office.

    Args:
        desk: what has reached the province.
        problems: those that are still followed.
        silent: the communes whose figures of the running day nobody knows; None where no feed was ever active.
    """
    return (
        Number("unassigned", desk.count("unassigned"), "soon", "/tinh?tab=unassigned"),
        Number("returned", desk.count("returned"), "soon", "/tinh?tab=returned"),
        Number(
            "overdue_by_body",
            desk.count("overdue"),
            "late",
            "/tinh?tab=overdue&sort=body",
            note="late_law_only",
        ),
        Number("problems", problems, "plain", "/tinh/van-de-chung?state=live"),
        Number(
            "silent_units", None if silent is None else len(silent), "late", "/tinh/tong-quan?state=silent"
        ),
    )


def of_department(desk: Desk, register: Sequence[Spot]) -> tuple[Number, ...]:
    """Return the numbers of a department; `register` holds its villages without signal, power or a line."""
    today = desk.today.on
    late = [spot for spot in register if spot.state(today) == "late"]
    return (
        Number("newly_received", desk.count("new"), "soon", "/tinh?tab=new"),
        Number("due_soon", desk.count("near"), "soon", "/tinh?tab=near"),
        Number(
            "dead_spots",
            len(dead_spots(register, today)),
            "plain",
            "/thon-lom?state=dead",
            note="in_register",
        ),
        Number("late_commitments", len(late), "late", "/thon-lom?state=late"),
        Number("waiting_commune_confirmation", desk.count("confirming"), "plain", "/tinh?tab=confirming"),
    )


def dead_spots(register: Sequence[Spot], today: dt.date) -> list[Spot]:
    """Return the villages of a register that still lack a signal."""
    return [
        spot
        for spot in register
        if spot.gap in {"no_signal", "poor_signal"} and spot.state(today) not in {"closed", "struck"}
    ]


def of_ministry(desk: Desk, spread: int, coverage: tuple[int, int] | None) -> tuple[Number, ...]:
    """Return the numbers of a ministry.

    Args:
        desk: the petitions that were sent to it.
        spread: kinds of open difficulties that show in many provinces (thresholds.csv, `spread_provinces`).
        coverage: provinces with figures, of all provinces; nothing where there are no figures at all.
    """
    waiting = [item.since for _, item in desk.under("unanswered")]
    longest = max(((desk.today.now - asked).days for asked in waiting), default=None)
    met, missed = _kept_deadlines(desk.items)
    reported, whole = coverage or (0, 0)
    return (
        Number("unanswered", len(waiting), "soon", "/tw/kien-nghi?tab=unanswered"),
        Number(
            "longest_wait",
            longest,
            "plain",
            "/tw/kien-nghi?tab=unanswered&sort=age",
            note="nothing_waits" if longest is None else "days",
        ),
        Number("problems_in_five_provinces", spread, "plain", "/tw?spread=wide#loai"),
        Number("on_time_share", met / (met + missed) if met + missed else None, "plain", None, is_share=True),
        Number("coverage", reported / whole if whole else None, "plain", "/tw#tinh", is_share=True),
    )


def of_auditor(found: Audited, exports: int, changed: int) -> tuple[Number, ...]:
    """Return the numbers of an auditor.

    Args:
        found: what is counted in the issues that they may read.
        exports: how many documents left the system as files.
        changed: how many communes have other figures now than they filed for the last month that ended.
    """

    def counted(view: AuditView, tone: Tone = "plain") -> Number:
        return Number(view, len(found.views[view]), tone, f"{AUDIT_LISTS}?so={view}")

    return (
        counted("recorded_on_behalf"),
        counted("missing_document_numbers", "late"),
        Number("changed_after_closing", changed, "plain", CHANGED, note="last_month"),
        counted("pauses_without_basis", "late"),
        Number(EXPORTS, exports, "plain", f"{AUDIT_LISTS}?so={EXPORTS}"),
    )


def _kept_deadlines(own: Iterable[Item]) -> tuple[int, int]:
    """Count met and missed deadlines of a body; reminder marks are in no ranking (practice.md)."""
    clocks = [
        clock
        for item in own
        for clock in item.issue.clocks
        if (one := item.hand_off) is not None
        and clock.escalation_id == one.id
        and clock.holder_body == one.lead_body
        and not clock.is_reminder
    ]
    return sum(clock.state == "met" for clock in clocks), sum(clock.state == "breached" for clock in clocks)
