"""A recount finds the facts of a unit's cases by the units in which they stood, the same as a search of all facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from events.periods import LogPosition
from services.log.sqlite import SqliteLog
from services.maintenance.audit import audit
from services.maintenance.rebuild import rebuild
from services.streams.case_rows import Lines, fact_rows
from services.streams.land import LandCases
from services.warehouse.client import Warehouse
from services.warehouse.filing_table import Known
from services.warehouse.migrations import migrate, statements
from services.warehouse.named_queries import migration_files, named_query, written_out
from tests.histories import arrivals, case_event, case_key, dates_of, random_history, seeded, state
from tests.services.test_audit import log
from tests.services.test_land import arrived

pytestmark = pytest.mark.warehouse
__all__ = ["log"]

IN_ALL_FACTS = "case_key IN (SELECT case_key FROM case_events WHERE unit_code IN {units:Array(String)})"
WINDOW: dict[str, Any] = {"from": dt.date(2026, 1, 1), "to": dt.date(2026, 12, 31)}
NUMBER = 18
BEFORE = tuple(one for one in migration_files() if one[0] < NUMBER)
[MIGRATION] = (one for one in migration_files() if one[0] == NUMBER)
HISTORY = random_history(seeded(61), cases=25)
QUERIES = ("figures_as_known", "case_figures_as_known")


def searched(name: str) -> str:
    """Return a query that looks for the cases in all facts."""
    asked = named_query(name)
    found = asked.replace(written_out("{known cases}"), IN_ALL_FACTS)
    assert found != asked
    return found


def units_of(warehouse: Warehouse) -> list[str]:
    return [row["u"] for row in warehouse.rows("SELECT DISTINCT toString(unit_code) AS u FROM case_events")]


def assert_found(warehouse: Warehouse, *points: Known) -> None:
    """Every unit alone and all together are answered as by a search of all facts."""
    every = units_of(warehouse)
    moved = "SELECT case_key FROM case_events GROUP BY case_key HAVING uniqExact(unit_code) > 1"
    assert len(every) > 1
    assert warehouse.rows(moved)
    for units in ([], *([one] for one in every), every):
        for known in points:
            for name in QUERIES:
                params = {"units": units or ["99999"], **WINDOW, **known.asked()}
                assert warehouse.query(name, **params) == warehouse.rows(searched(name), **params)


@pytest.fixture
def older(warehouse_dsn: str) -> Iterator[Warehouse]:
    """A database of the release before, with facts."""
    with closing(Warehouse(warehouse_dsn, database="older_units")) as found:
        migrate(found, BEFORE)
        held = {row["name"] for row in found.rows("DESCRIBE TABLE case_events")}
        rows = fact_rows(Lines.of(arrived(*HISTORY)), 1)
        found.insert("case_events", rows.select([name for name in rows.column_names if name in held]))
        yield found
        found.drop()


def test_a_recount_by_the_units_of_cases_is_that_of_all_facts(warehouse: Warehouse, log: SqliteLog) -> None:
    for batch in arrivals(seeded(62), HISTORY):
        LandCases(warehouse).handle(batch)
    reached = [LogPosition(topic="cases", partition=partition, offset=9) for partition in range(2)]
    assert_found(warehouse, Known.now(), Known.at(1, reached))
    assert audit(warehouse, log).findings["audit_units"] == ()


def test_a_case_that_went_on_elsewhere_counts_there_alone(warehouse: Warehouse) -> None:
    """The state of a lost event names another unit, so no fact says that the case moved."""
    day = dt.date(2026, 2, 2)
    here = case_event(state(1, received_on=day), case_key(1))
    there = case_event(state(3, unit_code="16174", received_on=day), case_key(1))
    LandCases(warehouse).handle(arrived(here, there))
    found = {
        unit: warehouse.query("case_figures_as_known", units=[unit], **WINDOW, **Known.now().asked())
        for unit in ("15607", "16174")
    }
    assert found["15607"] == []
    assert [row["case_key"] for row in found["16174"]] == [case_key(1)]


def test_later_events_are_found_in_every_unit_in_which_a_case_stood(warehouse: Warehouse) -> None:
    day = dt.date(2026, 2, 2)
    first = state(1, received_on=day)
    moved = case_event(state(2, dates_of(first), unit_code="16174", received_on=day), case_key(1))
    LandCases(warehouse).handle(arrived(case_event(first, case_key(1)), moved))
    asked = Known.at(1, [LogPosition(topic="cases", partition=0, offset=0)]).asked()
    rows = warehouse.query("later_case_events", cases=[case_key(1), case_key(2)], **asked)
    assert [row["event_id"] for row in rows] == [str(moved.id)]
    assert warehouse.query("later_case_events", cases=[], **asked) == []


def test_an_installation_of_the_release_before_finds_what_had_landed(older: Warehouse) -> None:
    assert MIGRATION[1] in migrate(older)
    assert_found(older, Known.now())


def test_a_migration_that_was_interrupted_runs_again(older: Warehouse) -> None:
    for statement in statements(MIGRATION[2]):
        older.command(statement)
    migrate(older)
    assert_found(older, Known.now())


def test_facts_without_their_unit_are_found_and_a_rebuild_adds_them(
    warehouse: Warehouse, log: SqliteLog
) -> None:
    LandCases(warehouse).handle(arrived(*HISTORY))
    warehouse.command("TRUNCATE TABLE case_units")
    assert audit(warehouse, log).findings["audit_units"]
    rebuild(warehouse, lambda _line: None)
    assert audit(warehouse, log).findings["audit_units"] == ()
    assert_found(warehouse, Known.now())
