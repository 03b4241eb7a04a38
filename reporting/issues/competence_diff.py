"""Open issues that another table of competence would route elsewhere, each by its own facts and day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from events.issues import CompetenceVerdict
from reporting.competence.table import CompetenceTable, facts_of
from reporting.dated.calendar import local_day
from reporting.issues.state import IssueState

ELSEWHERE = ("finding", "lane", "level", "lead_body", "other_bodies", "deciding_body", "ministry_body")
"""Parts of a verdict that determine where an issue goes."""
OTHERWISE = ("basis", "response_days", "days_kind", "deadline_source", "approved_by")
"""Parts of a verdict that change the terms of an answer, and not where the issue goes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a verdict, under the old table and under the new one."""

    part: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class Move:
    """One open issue whose verdict another table would change."""

    issue_id: UUID
    unit_code: str
    kind: str
    old_row: str | None
    new_row: str | None
    changes: tuple[Change, ...]

    @property
    def elsewhere(self) -> bool:
        """Return whether the issue would go to another place, rather than have other terms at the same."""
        return any(change.part in ELSEWHERE for change in self.changes)


def moves(
    issues: Iterable[IssueState], old: CompetenceTable, new: CompetenceTable, on: dt.date | None = None
) -> list[Move]:
    """Return the open issues for which two tables give different verdicts, those that would go elsewhere first.

    Nothing is decided again: the log keeps the verdict that each issue has. The result only shows the effect
    of a change.

    Args:
        issues: the issues; ended ones are skipped.
        old: the table in use.
        new: the table that is to replace it.
        on: read both tables as of this local day; by default on the day on which each issue was assessed.
    """
    found = [move for state in issues if state.is_open and (move := _move(state, old, new, on)) is not None]
    return sorted(found, key=lambda one: (not one.elsewhere, one.kind, one.unit_code, str(one.issue_id)))


def _move(state: IssueState, old: CompetenceTable, new: CompetenceTable, on: dt.date | None) -> Move | None:
    considered = state.verdict.facts if state.verdict else None
    day = on or (considered.assessed_on if considered else local_day(state.reported_at))
    facts = facts_of(state.report, day)
    before, after = (table.assess_at(facts, state.unit_code, state.province_code) for table in (old, new))
    changes = tuple(_changes(before, after))
    if not changes:
        return None
    return Move(state.id, state.unit_code, state.report.kind, before.row_id, after.row_id, changes)


def _changes(before: CompetenceVerdict, after: CompetenceVerdict) -> Iterable[Change]:
    for part in (*ELSEWHERE, *OTHERWISE):
        was, now = getattr(before, part), getattr(after, part)
        if was != now:
            yield Change(part, was, now)
