"""The marks of an installation from before 0010 are the same rows afterwards, wherever the migration was interrupted."""

from __future__ import annotations

import datetime as dt

import pytest

from events.cases import CaseEvent
from services.streams.case_rows import CaseRows, state_rows
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate, statements
from services.warehouse.named_queries import migration_files
from tests.histories import case_event, case_key, random_history, seeded, state

pytestmark = pytest.mark.warehouse
MOVES = 10
BEFORE = [one for one in migration_files() if one[0] < MOVES]
STATEMENTS = list(statements(next(sql for number, _, sql in migration_files() if number == MOVES)))
HELD = (
    "SELECT * REPLACE (if(length(case_key) = 64, toString(case_key), lower(hex(case_key))) AS case_key)"
    " FROM case_marks FINAL ORDER BY day, unit_code, case_key"
)


def told(seed: int) -> list[CaseEvent]:
    """Return events of some cases, one of which has a key that ends in zeros."""
    return [
        *random_history(seeded(seed), cases=30),
        case_event(state(1, received_on=dt.date(2026, 5, 4)), case_key(998)[:60] + "0000"),
    ]


@pytest.mark.parametrize("done", range(len(STATEMENTS) + 1))
def test_marks_move_whole_wherever_the_move_was_interrupted(warehouse_dsn: str, done: int) -> None:
    warehouse = Warehouse(warehouse_dsn, database=f"moving_{done}")
    migrate(warehouse, BEFORE)
    warehouse.insert("case_states", state_rows(CaseRows.of_events(told(done))))
    before = warehouse.rows(HELD)
    assert before
    for statement in STATEMENTS[:done]:
        warehouse.command(statement)
    assert migrate(warehouse)
    assert warehouse.rows(HELD) == before
    [column] = warehouse.rows(
        "SELECT type FROM system.columns WHERE database = {d:String} AND table = 'case_marks' AND name = 'case_key'",
        d=warehouse.database,
    )
    assert column == {"type": "FixedString(32)"}
    later = case_event(state(1, received_on=dt.date(2026, 5, 5)), case_key(999))
    warehouse.insert("case_states", state_rows(CaseRows.of_events([later])))
    assert len(warehouse.rows(HELD)) == len(before) + 1
    warehouse.drop()
    warehouse.close()
