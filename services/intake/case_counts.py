"""Counts of a commune's cases that need an act today, read from its own store, so that they work without the engine."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select

from services.store.store import CASES, Store

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


def count_cases(store: Store, unit_code: str, today: dt.date) -> CaseCounts:
    """Count the cases of one commune by their present state."""
    running = and_(CASES.c.closed_on.is_(None), CASES.c.paused_on.is_(None))
    query = select(
        func.count(),
        func.sum(case((and_(running, CASES.c.due_on == today), 1), else_=0)),
        func.sum(case((and_(running, CASES.c.due_on < today), 1), else_=0)),
        func.sum(case((CASES.c.status_code == _WAITING_SUPPLEMENT, 1), else_=0)),
    ).where(CASES.c.unit_code == unit_code)
    with store.read() as conn:
        known, due_today, overdue, waiting = conn.execute(query).one()
    return CaseCounts(due_today, overdue, waiting) if known else CaseCounts(None, None, None)
