from __future__ import annotations

import pytest

from reporting.cases.marks import MARKS
from reporting.tables import (
    CASE_STATES,
    CASE_UNITS,
    DERIVED,
    FACTS,
    FEEDS,
    PROVINCE_DAYS,
    PROVINCE_MONTHS,
    ROLLUPS_DAILY,
    ROLLUPS_MONTHLY,
    TABLES,
    VIEWS,
)
from services.warehouse.client import Warehouse

DECLARED = {**TABLES, CASE_STATES.name: CASE_STATES}


@pytest.mark.warehouse
def test_the_declared_tables_are_the_migrated_tables(warehouse_module: Warehouse) -> None:
    found = warehouse_module.rows(
        "SELECT name, engine, engine_full, sorting_key, partition_key FROM system.tables"
        " WHERE database = {d:String} AND name != 'schema_migrations'",
        d=warehouse_module.database,
    )
    migrated = {row["name"]: row for row in found}
    assert {name for name, row in migrated.items() if row["engine"] == "View"} == set(VIEWS)
    assert {name for name, row in migrated.items() if row["engine"] == "MaterializedView"} == set(FEEDS)
    assert set(migrated) - set(VIEWS) - set(FEEDS) == set(DECLARED)
    for name, table in DECLARED.items():
        row = migrated[name]
        engine = row["engine_full"].split(" PARTITION BY")[0].split(" ORDER BY")[0].strip("`")
        assert (engine, row["sorting_key"], row["partition_key"]) == (
            table.engine,
            table.sorting_key,
            table.partition_key,
        )


@pytest.mark.warehouse
@pytest.mark.parametrize("name", sorted(DECLARED))
def test_the_declared_columns_are_the_migrated_columns(warehouse_module: Warehouse, name: str) -> None:
    found = warehouse_module.rows(
        "SELECT name, type, default_kind FROM system.columns"
        " WHERE database = {d:String} AND table = {t:String} ORDER BY position",
        d=warehouse_module.database,
        t=name,
    )
    assert tuple((c["name"], c["type"]) for c in found) == DECLARED[name].columns
    assert {c["name"] for c in found if c["default_kind"]} == DECLARED[name].filled | DECLARED[name].supplied


def test_keys_of_a_fact_say_what_never_changes_about_an_event() -> None:
    for table in FACTS:
        assert table.sorting_key.endswith("event_id, epoch, topic, partition, offset")
        assert table.engine == "ReplacingMergeTree"


def test_every_derived_row_can_be_replaced() -> None:
    for table in set(DERIVED) - {CASE_UNITS}:  # a row of which is its key, and is never wrong
        assert table.engine.startswith("ReplacingMergeTree(")


def test_a_roll_up_has_a_column_for_every_mark() -> None:
    for table in (ROLLUPS_DAILY, ROLLUPS_MONTHLY, PROVINCE_DAYS, PROVINCE_MONTHS):
        names = {name for name, _ in table.columns}
        assert {*MARKS, *(f"groups.{mark}" for mark in MARKS)} <= names


@pytest.mark.warehouse
def test_where_facts_lie_in_the_log_is_told_of_every_table_of_facts(warehouse_module: Warehouse) -> None:
    [view] = warehouse_module.rows(
        "SELECT as_select AS told FROM system.tables WHERE database = currentDatabase() AND name = 'landed'"
    )
    for table in FACTS:
        assert f".{table.name}" in view["told"], table.name
