from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from events.cases import CaseEvent
from reporting.cases.metrics import METRICS
from services.streams.land import Land
from services.warehouse.client import Warehouse
from services.warehouse.named_queries import query_names
from tests.histories import CHANNELS, FIELDS, UNITS, arrivals, random_history, seeded
from tests.oracles.marks import marks_of

pytestmark = pytest.mark.warehouse

START, END = dt.date(2026, 2, 3), dt.date(2026, 2, 20)
WINDOW: dict[str, Any] = {"from": START, "to": END}
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
# Values for every parameter that a named query takes.
PARAMETERS: dict[str, Any] = {
    "units": list(UNITS),
    "provinces": ["38", "38", "40"],
    "days": [START, START, END],
    "months": [START.replace(day=1)] * 3,
    "version": 1,
    "since": 0,
    "minutes": 10,
    "watched_until": NOW,
    "at": NOW,
    "limit": 50,
    "kind": "",
    "epoch": 1,
    "topic": "cases",
    "partition": 0,
    "start": 0,
    "stop": 9,
    "offsets": [3],
    "problems": [UUID(int=7)],
    "province": "38",
    "kinds": [],
    "per_kind": 3,
    **WINDOW,
}


@pytest.fixture(scope="module")
def history() -> list[CaseEvent]:
    return random_history(seeded(7), cases=60)


@pytest.fixture(scope="module")
def filled(warehouse_module: Warehouse, history: list[CaseEvent]) -> Warehouse:
    for batch in arrivals(seeded(8), history):
        Land(warehouse_module).handle(batch)
    return warehouse_module


def oracle(history: list[CaseEvent], unit: str, start: dt.date, end: dt.date, *groups: str) -> dict[str, int]:
    """Count every metric from the latest states, by its definition and nothing else."""
    latest = {event.subject: event.data for event in sorted(history, key=lambda e: e.data.seq)}
    found = [
        mark
        for case in latest.values()
        if case.unit_code == unit and {*groups} <= {case.field_code, case.channel}
        for mark in marks_of(case)
    ]
    counted: dict[str, int] = {}
    for metric in METRICS:
        first, last = dt.date.min, end
        if metric.kind == "flow":
            first = start
        elif metric.kind == "ahead":
            first = last = end + dt.timedelta(days=1)
        elif metric.eve:
            last = start - dt.timedelta(days=1)
        names = Counter(mark.name for mark in found if first <= mark.day <= last)
        counted[metric.key] = names[metric.mark] - names[metric.minus or ""]
    return counted


def added(several: list[dict[str, int]]) -> dict[str, int]:
    return {metric.key: sum(one[metric.key] for one in several) for metric in METRICS}


def metrics_of(row: dict[str, Any]) -> dict[str, int]:
    return {metric.key: row[metric.key] for metric in METRICS}


def closes(row: dict[str, Any]) -> bool:
    return bool(row["received"] + row["carried_over"] == row["resolved"] + row["open"])


@pytest.mark.parametrize("name", query_names())
def test_every_named_query_runs_through_the_reading_client(filled: Warehouse, name: str) -> None:
    filled.query(name, **PARAMETERS)


def test_each_commune_shows_what_the_definitions_say(filled: Warehouse, history: list[CaseEvent]) -> None:
    rows = filled.query("province_overview", units=list(UNITS), **WINDOW)
    assert [row["unit_code"] for row in rows] == sorted(UNITS)
    for row in rows:
        assert metrics_of(row) == oracle(history, row["unit_code"], START, END)
        assert closes(row)
    assert sum(row["received"] for row in rows) > 10


def test_a_province_is_the_sum_of_its_communes(filled: Warehouse) -> None:
    communes = filled.query("province_overview", units=list(UNITS), **WINDOW)
    together = filled.query("units_total", units=list(UNITS), **WINDOW)[0]
    assert metrics_of(together) == added([metrics_of(row) for row in communes])
    provinces = filled.query(
        "ministry_by_province", units=list(UNITS), provinces=["38", "38", "40"], **WINDOW
    )
    by_unit = {row["unit_code"]: metrics_of(row) for row in communes}
    assert {row["province_code"]: metrics_of(row) for row in provinces} == {
        "38": added([by_unit[UNITS[0]], by_unit[UNITS[1]]]),
        "40": by_unit[UNITS[2]],
    }
    assert closes(together)


def test_the_carry_over_of_a_period_is_what_the_one_before_left(filled: Warehouse) -> None:
    day = dt.date(2026, 1, 20)
    left = None
    for length in (5, 9, 1, 14, 30):
        last = day + dt.timedelta(days=length - 1)
        row = filled.query("units_total", units=list(UNITS), **{"from": day, "to": last})[0]
        assert closes(row)
        assert left is None or row["carried_over"] == left
        left, day = row["open"], last + dt.timedelta(days=1)


@pytest.mark.parametrize("units", [UNITS[:1], UNITS])
def test_every_day_of_a_window_has_a_row(
    filled: Warehouse, history: list[CaseEvent], units: tuple[str, ...]
) -> None:
    rows = filled.query("unit_rollups_by_day", units=list(units), **WINDOW)
    assert [row["day"] for row in rows] == [
        START + dt.timedelta(days=n) for n in range((END - START).days + 1)
    ]
    for row in rows:
        assert metrics_of(row) == added([oracle(history, unit, row["day"], row["day"]) for unit in units])
        assert closes(row)


@pytest.mark.parametrize(
    ("query", "column", "groups"),
    [("unit_rollups_by_field", "field_code", FIELDS), ("unit_rollups_by_channel", "channel", CHANNELS)],
)
def test_groups_show_what_the_definitions_say(
    filled: Warehouse, history: list[CaseEvent], query: str, column: str, groups: tuple[str, ...]
) -> None:
    rows = filled.query(query, units=list(UNITS), **WINDOW)
    assert [row[column] for row in rows] == sorted(groups)
    for row in rows:
        assert metrics_of(row) == added([oracle(history, unit, START, END, row[column]) for unit in UNITS])
        assert closes(row)


def test_a_unit_without_numbers_is_a_row_of_zeros(filled: Warehouse) -> None:
    rows = filled.query("province_overview", units=["99999"], **WINDOW)
    assert [row["unit_code"] for row in rows] == ["99999"]
    assert set(metrics_of(rows[0]).values()) == {0}
