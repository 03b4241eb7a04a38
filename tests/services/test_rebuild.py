from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from services.maintenance import derive as derivation
from services.maintenance import unfinished
from services.maintenance.rebuild import rebuild
from services.streams.land import Land, LandCases
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


def fold_of(warehouse: Warehouse) -> list[list[dict[str, Any]]]:
    days, months, *others = everything(warehouse)
    return [without_empty(days), without_empty(months), *others]


@pytest.mark.slow
def test_any_division_of_the_facts_gives_the_same_tables(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    r = seeded(24)
    LandCases(warehouse).handle(arrived(*random_history(r, cases=12)))
    divisions: dict[int, frozenset[str]] = {}
    expected: list[list[dict[str, Any]]] | None = None
    for at_once in (1_000_000, 20, 4):
        monkeypatch.setattr(derivation, "_ROWS_AT_ONCE", at_once)
        pieces = list(derivation._pieces(warehouse, derivation.ALL))
        divisions[at_once] = frozenset(piece.name for piece in pieces)
        found = sum(
            warehouse.rows(
                f"SELECT count() AS n FROM case_events WHERE {piece.facts.condition}",  # noqa: S608 -- fixed
                **piece.facts.params,
            )[0]["n"]
            for piece in pieces
        )
        assert found == warehouse.rows("SELECT count() AS n FROM case_events")[0]["n"]
        assert len(divisions[at_once]) == len(pieces)
        rebuild(warehouse, quiet)
        expected = expected or fold_of(warehouse)
        assert fold_of(warehouse) == expected
    assert len(divisions[1_000_000]) == 1
    assert 1 < len(divisions[20]) < len(divisions[4])


class Killed(Exception):
    pass


@pytest.mark.slow
def test_a_rebuild_that_is_killed_half_way_goes_on_from_the_pieces_that_it_had(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derivation, "_ROWS_AT_ONCE", 3)
    r = seeded(25)
    history = random_history(r, cases=14)
    first, later = history[: len(history) // 2], history[len(history) // 2 :]
    Land(warehouse).handle(arrived(*first))
    read: list[str] = []

    def killed_at(piece: int) -> Callable[[str], None]:
        def echo(line: str) -> None:
            if line.startswith("case events read"):
                read.append(line)
                if len(read) == piece:
                    raise Killed

        return echo

    with pytest.raises(Killed):
        rebuild(warehouse, killed_at(2))
    Land(warehouse).handle(arrived(*later, start=500))
    with pytest.raises(Killed):
        rebuild(warehouse, killed_at(5))
    of_the_second = read[2:]
    lines: list[str] = []
    rebuild(warehouse, lines.append)
    assert [line.startswith("case events read before") for line in of_the_second] == [True, True, False]
    passed = [line for line in lines if line.startswith("case events read before")]
    assert len(passed) == 3
    assert daily_counts(warehouse) == expected_counts(history)
    before = fold_of(warehouse)
    rebuild(warehouse, quiet)
    assert fold_of(warehouse) == before


@pytest.mark.slow
def test_what_other_rules_derived_is_not_gone_on_from(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = random_history(seeded(26), cases=6)
    Land(warehouse).handle(arrived(*history))

    def die(step: str) -> None:
        if step == "catch up":
            raise Killed

    with pytest.raises(Killed):
        rebuild(warehouse, quiet, between=die)
    monkeypatch.setattr(unfinished, "_rules", lambda: "0" * 64)
    lines: list[str] = []
    rebuild(warehouse, lines.append)
    assert not [line for line in lines if "before" in line]
    assert daily_counts(warehouse) == expected_counts(history)


@pytest.mark.slow
def test_a_rebuild_that_was_robbed_of_its_turn_exchanges_nothing(warehouse: Warehouse) -> None:
    history = random_history(seeded(27), cases=6)
    Land(warehouse).handle(arrived(*history))
    warehouse.command("TRUNCATE TABLE case_marks")
    before = everything(warehouse)

    def rob(step: str) -> None:
        if step == "exchange":
            (name,) = [
                row["name"]
                for row in warehouse.rows("SELECT name FROM system.databases WHERE name LIKE '%rebuild%'")
            ]
            with closing(warehouse.named(name)) as robbed:
                robbed.command("DROP TABLE rebuild_turn SYNC")

    with pytest.raises(Exception, match="UNKNOWN_TABLE"):
        rebuild(warehouse, quiet, between=rob)
    assert everything(warehouse) == before


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
