"""What a commune's own store knows before any projection: cases that need somebody today, reports just taken."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, case, func, select

from services.adapters.store import CASES, IDEMPOTENCY, Store
from services.commune.intake import idempotency_key

_WAITING_SUPPLEMENT = 5


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Open cases that the commune is competent for. All none: it has no case at all, which is not zero.

    Attributes:
        due_today: due today, with the clock running.
        overdue: the due day went by, with the clock running.
        waiting_supplement: the citizen was asked for more papers.
    """

    due_today: int | None
    overdue: int | None
    waiting_supplement: int | None


def count_cases(store: Store, unit_code: str, today: dt.date) -> CaseCounts:
    """Count the cases of one commune as they are now."""
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


def is_recorded(store: Store, unit_code: str, issue_id: UUID) -> bool:
    """Tell whether a commune's report was taken, even if its event was not folded yet."""
    query = select(func.count()).where(
        IDEMPOTENCY.c.key == idempotency_key(issue_id), IDEMPOTENCY.c.unit_code == unit_code
    )
    with store.read() as conn:
        return bool(conn.scalar(query))
