from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.maintenance import derive as derivation
from services.maintenance.rebuild import rebuild
from services.streams.land import Land
from services.warehouse.client import Warehouse
from tests.histories import arrivals, case_event, case_key, dates_of, random_history, seeded, state
from tests.services.test_land import (
    arrived,
    daily_counts,
    everything,
    expected_counts,
    heartbeat,
    silence,
    source_arrived,
)

pytestmark = pytest.mark.warehouse
DAY = dt.date(2026, 2, 2)


def quiet(_line: str) -> None:
    pass


@pytest.mark.parametrize("rows_at_once", [7, 100_000])
@pytest.mark.slow
def test_a_rebuild_gives_what_the_streams_gave(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(derivation, "_ROWS_AT_ONCE", rows_at_once)
    monkeypatch.setattr(derivation, "_CASES_AT_ONCE", rows_at_once)
    r = seeded(21)
    history = random_history(r, cases=20)
    for batch in arrivals(r, history):
        Land(warehouse).handle(batch)
    Land(warehouse).handle([source_arrived(heartbeat(3), 0), source_arrived(silence(9, 3), 1)])
    before, sources = everything(warehouse), warehouse.rows("SELECT * FROM sources_current")
    lines: list[str] = []
    rebuild(warehouse, lines.append)
    after = everything(warehouse)
    assert after[2:] == before[2:]
    assert [without_empty(rows) for rows in after[:2]] == [without_empty(rows) for rows in before[:2]]
    assert warehouse.rows("SELECT * FROM sources_current") == sources
    assert lines[-1].startswith("replaced: case_marks, cases_current, rollups_daily")


def without_empty(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["groups.field_code"]]


@pytest.mark.slow
def test_a_rebuild_heals_what_was_damaged(warehouse: Warehouse) -> None:
    r = seeded(22)
    history = random_history(r, cases=10)
    for batch in arrivals(r, history):
        Land(warehouse).handle(batch)
    for table in ("case_marks", "rollups_daily", "rollups_monthly", "cases_current"):
        warehouse.command(f"TRUNCATE TABLE {table}")
    rebuild(warehouse, quiet)
    assert daily_counts(warehouse) == expected_counts(history)


@pytest.mark.slow
def test_events_that_come_late_after_a_rebuild_still_lose_to_later_states(warehouse: Warehouse) -> None:
    r = seeded(23)
    history = random_history(r, cases=10)
    late = [event for event in history if r.random() < 0.4]
    Land(warehouse).handle(arrived(*(event for event in history if event not in late)))
    rebuild(warehouse, quiet)
    Land(warehouse).handle(arrived(*late, start=100))
    Land(warehouse).handle(arrived(*history, start=200))
    assert daily_counts(warehouse) == expected_counts(history)


@pytest.mark.slow
def test_a_store_that_went_on_from_an_older_state_leaves_nothing_behind_after_a_rebuild(
    warehouse: Warehouse,
) -> None:
    first = state(1, received_on=DAY)
    forgotten = state(2, dates_of(first), received_on=DAY + dt.timedelta(days=1))
    after = state(3, dates_of(first), received_on=DAY + dt.timedelta(days=2))
    history = [case_event(one, case_key(1)) for one in (first, forgotten, after)]
    Land(warehouse).handle(arrived(*history))
    assert daily_counts(warehouse) != expected_counts(history)
    rebuild(warehouse, quiet)
    assert daily_counts(warehouse) == expected_counts(history)
