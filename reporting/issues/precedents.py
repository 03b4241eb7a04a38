"""Confirmed answers, to be cited for the next similar issue, and whether the law under one has changed."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple
from uuid import UUID

from events.issues import CompetenceVerdict
from reporting.competence.table import CompetenceTable
from reporting.dated.decrees import DecreeTable
from reporting.issues.state import GivenAnswer, IssueState
from reporting.issues.turns import CONFIRMABLE

Stale = Literal["row_gone", "row_expired", "row_changed", "basis_lapsed"]
"""Why a precedent may not hold: its row of competence is gone, expired or changed, or a decree lapsed."""


class Precedent(NamedTuple):
    """A confirmed answer, with the kind of the issue, the body that answered, and the verdict under it."""

    source: Literal["issue", "problem"]
    id: UUID
    kind: str
    province_code: str
    lead_body: str | None
    answer: GivenAnswer
    verdict: CompetenceVerdict | None


def precedent_of(issue: IssueState) -> Precedent | None:
    """Return the answer that the commune of an issue confirmed; None where it confirmed none.

    An answer that was only given, noted or disputed is no precedent: solved means confirmed.
    """
    if issue.state != "confirmed" and issue.closed_reason != "confirmed":
        return None
    joined, root = issue.joined, issue.root
    if joined is not None and joined.answer is not None and joined.decision == "confirmed":
        found = Precedent(
            source="problem",
            id=joined.problem_id,
            kind=issue.report.kind,
            province_code=issue.province_code,
            lead_body=joined.body,
            answer=joined.answer,
            verdict=issue.verdict,
        )
    elif root is not None and root.answer is not None:
        found = Precedent(
            source="issue",
            id=issue.id,
            kind=issue.report.kind,
            province_code=issue.province_code,
            lead_body=root.lead_body,
            answer=root.answer,
            verdict=issue.verdict,
        )
    else:
        return None
    return found if found.answer.kind in CONFIRMABLE else None


def staleness(one: Precedent, table: CompetenceTable, decrees: DecreeTable, on: dt.date) -> Stale | None:
    """Return why a precedent may not hold on a local day, by the tables of that day; None while it holds.

    A verdict without a row gives nothing to check, so the result is None.
    """
    verdict = one.verdict
    if verdict is None or verdict.row_id is None:
        return None
    row = next((found for found in table.rows() if found.id == verdict.row_id), None)
    if row is None:
        return "row_gone"
    if not row.validity.holds_on(on):
        return "row_expired"
    if row.basis != verdict.basis or verdict.row_version not in {None, row.version}:
        return "row_changed"
    lapsed = any(not decree.validity.holds_on(on) for decree in decrees.cited(verdict.basis or ""))
    return "basis_lapsed" if lapsed else None
