"""Recompute every derived table from the facts, beside the ones in use, and put the new ones in their place.

Facts may land meanwhile. What follows from cases and sources is built beside, caught up with what landed, and
exchanged in one statement; docs/decisions/0010-rebuild-beside-live-traffic.md says why nothing is missed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from reporting.tables import CASE_MARKS, CASES_CURRENT, ROLLUPS_DAILY, ROLLUPS_MONTHLY, SOURCE_STATES
from services.boot.system import Say
from services.maintenance.derive import (
    ALL,
    Facts,
    derive_cases,
    derive_sources,
    landed_since,
    settle_all,
    settle_cases,
)
from services.warehouse.migrations import migrate

if TYPE_CHECKING:
    from services.maintenance.refold import Refold
    from services.warehouse.client import Warehouse

EXCHANGED = (CASE_MARKS, CASES_CURRENT, SOURCE_STATES, ROLLUPS_DAILY, ROLLUPS_MONTHLY)
"""In this order: the engine exchanges pair by pair, and finds the target of a statement before its sources. So who
writes into a new table of counts has read the new table that it counts."""

MARGIN_SECONDS = 600
"""A fact bears the instant at which its insert began; no insert hangs that long before the engine gives it up."""

_OVERLAP_SECONDS = 10
_SMALL = 50_000
_ROUNDS = 8
_SECOND = 1_000_000_000


def _go_on(_step: str) -> None:
    """Do nothing between the steps; tests put a pause here."""


def rebuild(
    warehouse: Warehouse,
    say: Say,
    *,
    refold: Refold | None = None,
    between: Callable[[str], None] = _go_on,
) -> bool:
    """Make all derived tables anew from the facts; no event is emitted and no notice sent.

    Until the exchange readers and writers see the old tables, and a rebuild that dies leaves them in use. After it,
    what writers in flight still wrote into the old tables is derived once more from the facts, which were there
    before. A rebuild that dies in these seconds is made again; `audit` tells.

    Args:
        warehouse: the facts, and the tables to replace.
        say: takes one line of progress.
        refold: corrects `issues_current` and `problems_current` in place; without it these stay as they are.
        between: is told the step that comes next.

    Returns:
        Whether everything follows from the facts now; False where `refold` left issues to the next rebuild.

    Raises:
        NotReady: the engine cannot be reached.
    """
    _drop_unfinished(warehouse)
    started = warehouse.clock()
    with closing(warehouse.beside(f"rebuild_{started}")) as fresh:
        migrate(fresh)
        between("build")
        derive_cases(warehouse, fresh, ALL, say)
        say(f"roll-ups: {settle_all(fresh, fresh):,} days of units")
        derive_sources(warehouse, fresh, ALL)
        between("catch up")
        _catch_up(warehouse, fresh, started, say, between)
        between("exchange")
        pairs = (f"`{warehouse.database}`.{t.name} AND `{fresh.database}`.{t.name}" for t in EXCHANGED)
        warehouse.command(f"EXCHANGE TABLES {', '.join(pairs)}")
        between("follow")
        _derive_part(warehouse, warehouse, fresh, landed_since(started - MARGIN_SECONDS * _SECOND), say)
        between("drop")
        fresh.drop()
    say(f"replaced: {', '.join(sorted(table.name for table in EXCHANGED))}")
    if refold is None:
        return True
    issues = refold.run()
    say(issues.line())
    return not issues.left


def _derive_part(source: Warehouse, target: Warehouse, scratch: Warehouse, facts: Facts, say: Say) -> int:
    """Write into the target everything that follows from some facts; return how many facts of cases."""
    read = derive_cases(source, target, facts, say)
    say(f"roll-ups: {settle_cases(source, target, facts, scratch):,} days of units")
    derive_sources(source, target, facts)
    return read


def _catch_up(
    warehouse: Warehouse,
    fresh: Warehouse,
    reached: int,
    say: Say,
    between: Callable[[str], None],
) -> None:
    """Derive what landed meanwhile until little is left: whatever is missed here, the step after the exchange finds."""
    for _ in range(_ROUNDS):
        since, reached = reached - _OVERLAP_SECONDS * _SECOND, warehouse.clock()
        if _derive_part(warehouse, fresh, fresh, landed_since(since), say) <= _SMALL:
            return
        between("catch up again")


def _drop_unfinished(warehouse: Warehouse) -> None:
    """Drop what a rebuild that died has left; one that still runs ends at its next statement, before its exchange."""
    begun = rf"^{warehouse.database}_rebuild_\d+$"
    for row in warehouse.rows(
        "SELECT name FROM system.databases WHERE match(name, {begun:String})", begun=begun
    ):
        with closing(warehouse.beside(row["name"].removeprefix(f"{warehouse.database}_"))) as left:
            left.drop()
