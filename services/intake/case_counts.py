"""Counts of a commune's cases that need an act today, read from its own store, so that they work without the engine."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, func, select

from services.store.store import CASES, Store

CaseNeed = Literal["today", "overdue", "supplement"]
_WAITING_SUPPLEMENT = 5


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Counts of the open cases that the commune is competent for; all None where it has no case at all.

    Attributes:
        due_today: due today, with the clock running.
        overdue: the due day went by, with the clock running.
        waiting_supplement: paused until the citizen supplies more papers.
    """

    due_today: int | None
    overdue: int | None
    waiting_supplement: int | None


def needing(need: CaseNeed, unit_code: str, today: dt.date) -> ColumnElement[bool]:
    """Return which cases a commune counts under a need; its list shows the same ones."""
    running = and_(CASES.c.closed_on.is_(None), CASES.c.paused_on.is_(None))
    rules = {
        "today": and_(running, CASES.c.due_on == today),
        "overdue": and_(running, CASES.c.due_on < today),
        "supplement": CASES.c.status_code == _WAITING_SUPPLEMENT,
    }
    return and_(CASES.c.unit_code == unit_code, rules[need])


def count_cases(store: Store, unit_code: str, today: dt.date) -> CaseCounts:
    """Count the cases of one commune as they are now."""

    def number(need: CaseNeed) -> ColumnElement[int]:
        return func.sum(case((needing(need, unit_code, today), 1), else_=0))

    query = select(func.count(), number("today"), number("overdue"), number("supplement"))
    with store.read() as conn:
        known, due_today, overdue, waiting = conn.execute(query.where(CASES.c.unit_code == unit_code)).one()
    return CaseCounts(due_today, overdue, waiting) if known else CaseCounts(None, None, None)
