"""Recompute every derived table from the facts, beside the tables in use, and exchange them.

Facts may land meanwhile. The tables derived from cases and sources are built beside, caught up with new facts, and
exchanged in one statement; docs/decisions/0010-rebuild-beside-live-traffic.md explains why nothing is missed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from reporting.tables import CASE_MARKS, CASES_CURRENT, ROLLUPS_DAILY, ROLLUPS_MONTHLY, SOURCE_STATES
from services.boot.system import Echo
from services.maintenance.derive import (
    ALL,
    Facts,
    derive_cases,
    derive_sources,
    landed_before,
    landed_since,
    settle_all,
    settle_cases,
)
from services.maintenance.unfinished import begin_beside
from services.warehouse.migrations import migrate

if TYPE_CHECKING:
    from services.maintenance.refold import Refold
    from services.warehouse.client import Warehouse

EXCHANGED = (CASE_MARKS, CASES_CURRENT, SOURCE_STATES, ROLLUPS_DAILY, ROLLUPS_MONTHLY)
"""In this order: the engine exchanges pair by pair, and resolves the target of a statement before its sources. So a
writer into a new table of counts has read the new table that it counts."""

MARGIN_SECONDS = 600
"""A fact holds the instant at which its insert began; the engine ends an insert that hangs this long."""

_OVERLAP_SECONDS = 10
_SMALL = 50_000
_ROUNDS = 8
_SECOND = 1_000_000_000


def _go_on(_step: str) -> None:
    """Do nothing between the steps; tests insert a pause here."""


def rebuild(
    warehouse: Warehouse,
    echo: Echo,
    *,
    refold: Refold | None = None,
    between: Callable[[str], None] = _go_on,
) -> bool:
    """Recompute all derived tables from the facts; no event is emitted and no notice sent.

    Until the exchange readers and writers use the old tables, and a crashed rebuild leaves them in use; the next one goes
    on from the pieces of facts that it had derived (services/maintenance/unfinished.py). After the exchange, rows
    that pending writers still wrote into the old tables are derived once more from their facts, which were landed
    before. After a crash in these seconds run the rebuild again; `audit` shows the difference.

    Args:
        warehouse: holds the facts and the tables to replace.
        echo: takes one line of progress.
        refold: corrects `issues_current` and `problems_current` in place; without it these stay as they are.
        between: called with the name of the next step.

    Returns:
        Whether every table equals the facts now; False where `refold` left issues to the next rebuild.

    Raises:
        NotReady: the engine cannot be reached.
    """
    now = warehouse.clock()
    with closing(warehouse.beside(f"rebuild_{now}")) as fresh:
        migrate(fresh)
        steps = begin_beside(warehouse, fresh, now)
        started = steps.since
        between("build")
        derive_cases(warehouse, fresh, landed_before(started), echo, steps)
        echo(f"roll-ups: {settle_all(fresh, fresh):,} days of units")
        derive_sources(warehouse, fresh, ALL)
        between("catch up")
        _catch_up(warehouse, fresh, started, echo, between)
        between("exchange")
        pairs = (f"`{warehouse.database}`.{t.name} AND `{fresh.database}`.{t.name}" for t in EXCHANGED)
        warehouse.command(f"EXCHANGE TABLES {', '.join((steps.guard, *pairs))}")
        between("follow")
        _derive_part(warehouse, warehouse, fresh, landed_since(started - MARGIN_SECONDS * _SECOND), echo)
        between("drop")
        fresh.drop()
    echo(f"replaced: {', '.join(sorted(table.name for table in EXCHANGED))}")
    if refold is None:
        return True
    issues = refold.run()
    echo(issues.line())
    return not issues.left


def _derive_part(source: Warehouse, target: Warehouse, scratch: Warehouse, facts: Facts, echo: Echo) -> int:
    """Write into the target all rows derived from some facts; return how many facts of cases."""
    read = derive_cases(source, target, facts, echo)
    echo(f"roll-ups: {settle_cases(source, target, facts, scratch):,} days of units")
    derive_sources(source, target, facts)
    return read


def _catch_up(
    warehouse: Warehouse,
    fresh: Warehouse,
    reached: int,
    echo: Echo,
    between: Callable[[str], None],
) -> None:
    """Derive the facts that landed meanwhile until few are left; the step after the exchange derives the rest."""
    for _ in range(_ROUNDS):
        since, reached = reached - _OVERLAP_SECONDS * _SECOND, warehouse.clock()
        if _derive_part(warehouse, fresh, fresh, landed_since(since), echo) <= _SMALL:
            return
        between("catch up again")
