"""Go on from an unfinished rebuild: its notes, its derived pieces, and the turn to exchange tables.

A rebuild notes each piece of facts that it has derived, in `rebuild_steps` of its own database. The next rebuild takes
over the derived rows and the notes, where they are of the same rules and not old, and drops the rest. The rebuild that
is robbed so may still be running: `rebuild_turn` decides. Its owner exchanges it with the notes in the very statement
that exchanges the tables in use, as the first pair; whoever takes over drops it first. So a rebuild that was robbed
fails before it exchanges anything, and one that has exchanged is seen to have.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from contextlib import closing
from typing import TYPE_CHECKING

from reporting.tables import CASE_MARKS, CASES_CURRENT
from services.maintenance import derive
from services.warehouse.migrations import checksum
from services.warehouse.named_queries import migration_files

if TYPE_CHECKING:
    from services.warehouse.client import Warehouse

STEPS = "rebuild_steps"
TURN = "rebuild_turn"
_TAKEN_OVER = (STEPS, CASE_MARKS.name, CASES_CURRENT.name)
"""The notes first: a piece that is noted after they went is noted nowhere, and derived once more."""
_KEPT_NANOSECONDS = 24 * 3600 * 1_000_000_000
_BEGUN = re.compile(r"^begun ([0-9a-f]{64}) (\d+)$")
_TABLE = (
    "CREATE TABLE {name} (step String) ENGINE = ReplacingMergeTree ORDER BY step"
    " SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
)


class Steps:
    """The pieces that one rebuild has derived; kept in its database.

    Attributes:
        since: facts that landed before this instant of the engine's clock are in the pieces.
    """

    def __init__(self, fresh: Warehouse, started: int) -> None:
        for name in (STEPS, TURN):
            fresh.command(_TABLE.format(name=name))
        self._fresh = fresh
        self._done: frozenset[str] = frozenset()
        self.since = started

    def begin(self) -> None:
        """Note by which rules the pieces are derived, from when on they are another's, and whose they are."""
        self.note(f"begun {_rules()} {self.since}")
        self.note(_owner(self._fresh))

    def take_over(self, left: Warehouse) -> bool:
        """Take the derived rows and notes of a rebuild that ended early; return whether there were any to take.

        Raises:
            NotReady: the engine cannot be reached.
        """
        since = _begun(left, self._fresh.clock())
        if since is None:
            return False
        pairs = (f"`{left.database}`.{name} AND `{self._fresh.database}`.{name}" for name in _TAKEN_OVER)
        self._fresh.command(f"EXCHANGE TABLES {', '.join(pairs)}")
        self.since = since
        self._done = frozenset(_steps(self._fresh))
        return True

    def __contains__(self, piece: str, /) -> bool:
        return piece in self._done

    def note(self, piece: str) -> None:
        """Note a step; durable when this returns."""
        self._fresh.command(f"INSERT INTO {STEPS} (step) SELECT {{step:String}}", step=piece)

    @property
    def guard(self) -> str:
        """Return the pair of tables that stands first where the tables in use are exchanged."""
        return f"`{self._fresh.database}`.{TURN} AND `{self._fresh.database}`.{STEPS}"


def begin_beside(warehouse: Warehouse, fresh: Warehouse, started: int) -> Steps:
    """Begin the notes of a rebuild, with what the newest unfinished one had derived, and drop all unfinished ones.

    One that still runs fails at its next statement, before its exchange.
    """
    steps = Steps(fresh, started)
    taken = False
    for left in _unfinished(warehouse, fresh):
        with closing(left):
            taken = taken or steps.take_over(left)
            left.drop()
    steps.begin()
    return steps


def _unfinished(warehouse: Warehouse, fresh: Warehouse) -> list[Warehouse]:
    begun = rf"^{warehouse.database}_rebuild_\d+$"
    rows = warehouse.rows(
        "SELECT name FROM system.databases WHERE match(name, {begun:String}) ORDER BY name DESC", begun=begun
    )
    return [warehouse.named(row["name"]) for row in rows if row["name"] != fresh.database]


def _begun(left: Warehouse, now: int) -> int | None:
    """Take the turn of an unfinished rebuild away; return when it began, if its pieces can be gone on from."""
    if not left.rows(
        "SELECT 1 FROM system.tables WHERE database = {database:String} AND name = {name:String}",
        database=left.database,
        name=TURN,
    ):
        return None
    left.command(f"DROP TABLE IF EXISTS {TURN} SYNC")
    steps = _steps(left)
    begun = next((found for step in steps if (found := _BEGUN.match(step))), None)
    if begun is None or _owner(left) not in steps or begun[1] != _rules():
        return None
    since = int(begun[2])
    return since if since >= now - _KEPT_NANOSECONDS else None


def _steps(warehouse: Warehouse) -> list[str]:
    return [row["step"] for row in warehouse.rows(f"SELECT DISTINCT step FROM {STEPS}")]  # noqa: S608 -- a fixed name


def _owner(warehouse: Warehouse) -> str:
    """Return the note that the pieces of a database are whole: written when nothing is left to take over."""
    return f"of {warehouse.database}"


def _rules() -> str:
    """Return a digest of what decides how a fact becomes rows: the migrations and the statements that derive."""
    said = [checksum(sql) for _, _, sql in migration_files()]
    return hashlib.sha256("\n".join([*said, inspect.getsource(derive)]).encode()).hexdigest()
