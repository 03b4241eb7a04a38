"""An installation with roll-ups of an older form comes to the same figures, also where the migration was interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from services.streams.case_rows import CaseRows, state_rows
from services.streams.tally import Tally
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate, statements
from services.warehouse.named_queries import migration_files
from tests.histories import random_history, seeded
from tests.services.test_land import daily_counts, expected_counts

pytestmark = pytest.mark.warehouse

NUMBER = 11
BEFORE = tuple(one for one in migration_files() if one[0] < NUMBER)
[MIGRATION] = (one for one in migration_files() if one[0] == NUMBER)
STATEMENTS = tuple(statements(MIGRATION[2]))
HISTORY = random_history(seeded(52), cases=30)


@pytest.fixture
def older(warehouse_dsn: str) -> Iterator[Warehouse]:
    """A database of the release before: its marks, and roll-ups by the text of their group, one of them left empty."""
    with closing(Warehouse(warehouse_dsn, database="older")) as found:
        migrate(found, BEFORE)
        found.insert("case_states", state_rows(CaseRows.of_events(HISTORY)))
        found.command(
            "INSERT INTO rollups_daily (unit_code, day, version, opened, counts)"
            " VALUES ('15607', '2026-02-01', 7, 1, map('civil|counter|opened', 1)), ('99999', '2026-02-01', 7, 0, map())"
        )
        yield found
        found.drop()


def held(warehouse: Warehouse) -> list[list[dict[str, Any]]]:
    return [
        warehouse.rows(f"SELECT * EXCEPT (version) FROM {table} FINAL ORDER BY ALL")  # noqa: S608 -- fixed names
        for table in ("rollups_daily", "rollups_monthly")
    ]


def assert_counted(warehouse: Warehouse) -> None:
    assert daily_counts(warehouse) == expected_counts(HISTORY)
    before = held(warehouse)
    Tally(warehouse).recount([(row["unit_code"], row["day"]) for row in before[0]])
    assert held(warehouse) == before


def test_roll_ups_of_an_older_release_are_carried_over(older: Warehouse) -> None:
    started = older.clock()
    assert MIGRATION[1] in migrate(older)
    assert_counted(older)
    assert older.rows("SELECT min(version) AS v FROM rollups_daily")[0]["v"] > started


@pytest.mark.parametrize("done", range(1, len(STATEMENTS) + 1))
def test_a_carrying_over_that_was_interrupted_is_finished_later(older: Warehouse, done: int) -> None:
    for statement in STATEMENTS[:done]:
        older.command(statement)
    migrate(older)
    assert_counted(older)
