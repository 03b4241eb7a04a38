from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from events.cases import CaseEvent, CaseRetracted, CaseState
from reporting.cases.metrics import METRICS
from reporting.cases.taking_back import IMPORT_UNDONE
from reporting.dated.calendar import local_day
from services.streams.land import Land
from services.warehouse.client import Warehouse
from services.warehouse.named_queries import named_query, query_names, written_out
from tests.histories import CHANNELS, FIELDS, UNITS, arrivals, latest_states, random_history, seeded
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
    "unit_provinces": ["38", "38", "40"],
    "apart_days": [START],
    "apart_months": [START.replace(day=1)],
    "keys": ["38", "38", "40"],
    "version": 1,
    "since": 0,
    "minutes": 10,
    "watched_until": NOW,
    "at": NOW,
    "until": NOW,
    "cases": [],
    "places": ["cases/0"],
    "elsewhere": 0,
    "situations": [],
    "limit": 50,
    "kind": "",
    "field": "",
    "channel": "",
    "procedures": [],
    "unknown_field": "khac",
    "common_communes": 3,
    "recurrence_count": 3,
    "late_common": 50,
    "late_single": 50,
    "late_record": 1,
    "epoch": 1,
    "topic": "cases",
    "partition": 0,
    "start": 0,
    "stop": 9,
    "offsets": [3],
    "gap_places": ["cases/0"],
    "gap_firsts": [1],
    "gap_lasts": [2],
    "letters_stuck": 60,
    "outage_kinds": ["mobile_dead_spot"],
    "days_off": [START],
    "days_off_since": [START],
    "quiet_before": [NOW, NOW, NOW],
    "working_days": [0, 1, 2],
    "today": END,
    "newborn_procedures": ["2.000528"],
    "newborn_within": [5],
    "newborn_verified": [1],
    "newborn_off": [f"2.000528 {START}"],
    "newborn_begins": [END],
    "problems": [UUID(int=7)],
    "province": "38",
    "owner": "",
    "kinds": [],
    "groups": ["38", "38", "40"],
    "device_clock_off": 30,
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
    latest = latest_states(history)
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


def latest_of(history: list[CaseEvent]) -> list[CaseState]:
    """The latest state of each case."""
    return list(latest_states(history).values())


def not_taken_back(history: list[CaseEvent]) -> list[CaseEvent]:
    """The events without those by which an import was taken back, and without all before the retraction of a case."""
    until = {
        event.subject: event.data.seq
        for event in sorted(history, key=lambda event: event.data.seq)
        if isinstance(event, CaseRetracted)
    }
    return [
        event
        for event in history
        if event.data.seq > until.get(event.subject, 0) and event.data.reason_code != IMPORT_UNDONE
    ]


def in_window(case: CaseState, name: str) -> bool:
    return any(mark.name == name and START <= mark.day <= END for mark in marks_of(case))


def asked(query: str, **others: Any) -> dict[str, Any]:
    """The parameters of a query, of those above."""
    named = set(re.findall(r"\{(\w+):", named_query(query)))
    return {name: value for name, value in {**PARAMETERS, **others}.items() if name in named}


def ninth_tenth(in_order: Sequence[int]) -> int:
    """Return the least number within which nine tenths lie."""
    return next(n for n in in_order if 10 * sum(one <= n for one in in_order) >= 9 * len(in_order))


def test_no_query_leaves_nine_tenths_to_a_function_that_takes_one_case_too_many() -> None:
    """Of ten cases quantileExactLow(0.9) takes the tenth; half of them it takes rightly."""
    for path in sorted(Path(str(files("reporting") / "queries")).rglob("*.sql")):
        assert not re.search(r"quantileExactLow\w*\((?!0\.5\))", path.read_text()), path.name


@pytest.mark.parametrize(("field", "channel"), [("", ""), *itertools.product(FIELDS, ("", *CHANNELS))])
def test_procedures_together_are_what_the_roll_ups_say(
    filled: Warehouse, history: list[CaseEvent], field: str, channel: str
) -> None:
    rows = filled.query("unit_procedures", **asked("unit_procedures", field=field, channel=channel))
    groups = [one for one in (field, channel) if one]
    expected = added([oracle(history, unit, START, END, *groups) for unit in UNITS])
    for name in ("received", "resolved", "resolved_late", "resolved_undated", "withdrawn"):
        assert sum(row[name] for row in rows) == expected[name], name
    cases = [one for one in latest_of(history) if {*groups} <= {one.field_code, one.channel}]
    left = [one for one in cases if in_window(one, "opened") and not in_window(one, "closed")]
    assert sum(row["left_count"] for row in rows) == len(left)
    ended = Counter(
        one.unit_code
        for one in cases
        if any(in_window(one, name) for name in ("closed_early", "closed_on_time", "closed_late"))
    )
    [row] = rows  # these cases name no procedure
    assert row["place_count"] == len(ended)
    assert row["dated_count"] == sum(ended.values())
    taken = sorted(
        (one.closed_on - one.received_on).days
        for one in cases
        if one.close_kind == "finished" and one.closed_on and one.received_on and in_window(one, "closed")
    )
    assert row["taken_count"] == len(taken)
    assert row["median_days"] == taken[(len(taken) - 1) // 2]
    assert row["long_days"] == ninth_tenth(taken)


def test_where_a_field_is_late_is_what_its_cases_say(filled: Warehouse, history: list[CaseEvent]) -> None:
    rows = filled.query("late_fields", **asked("late_fields", provinces=["38"] * 3))
    assert rows
    for row in rows:
        late = {unit: oracle(history, unit, START, END, row["field_code"])["resolved_late"] for unit in UNITS}
        assert row["late_count"] == sum(late.values())
        assert row["late_place_count"] == sum(map(bool, late.values()))
        assert row["most_late_count"] == max(late.values())
        assert not row["late_count"] or late[row["most_late_place"]] == row["most_late_count"]
    by_province = filled.query("late_fields", **asked("late_fields"))
    assert sum(row["late_count"] for row in by_province) == sum(row["late_count"] for row in rows)
    assert {row["most_late_place"] for row in by_province} <= {"38", "40", None}


def test_pauses_by_cause_are_those_that_the_states_tell(filled: Warehouse, history: list[CaseEvent]) -> None:
    rows = {row["reason"]: row for row in filled.query("pauses_by_cause", **asked("pauses_by_cause"))}
    assert sorted(rows) == ["fee", "supplement"]
    told = [
        pause
        for case in latest_of(history)
        if in_window(case, "paused_in")
        for pause in case.pauses
        if START <= pause.from_on <= END and (pause.to_on is None or pause.to_on > pause.from_on)
    ]
    for reason, row in rows.items():
        mine = [pause for pause in told if pause.reason == reason]
        assert row["pause_count"] == len(mine)
        assert row["on_count"] == sum(pause.to_on is None or pause.to_on > END for pause in mine)
        assert row["on_count"] + row["ended_count"] == row["pause_count"]
        ended = sorted((p.to_on - p.from_on).days for p in mine if p.to_on is not None and p.to_on <= END)
        assert row["long_days"] == (ninth_tenth(ended) if ended else None)


def test_how_late_something_is_recorded_counts_each_event_once(
    filled: Warehouse, history: list[CaseEvent]
) -> None:
    window: dict[str, Any] = {"from": dt.date(2026, 2, 25), "to": dt.date(2026, 3, 5)}
    told = {
        "case.submitted": ("submission", "submitted_on"),
        "case.received": ("reception", "received_on"),
        "case.refused": ("refusal", "refused_on"),
        "case.result_ready": ("result", "closed_on"),
        "case.returned_result": ("handover", "returned_on"),
    }
    late: Counter[str] = Counter()
    every: Counter[str] = Counter()
    delays: dict[str, list[int]] = defaultdict(list)
    stands = not_taken_back(history)
    assert len(stands) < len(history), "some cases of this history were retracted"
    for event in stands:
        step, name = told.get(event.type, ("", ""))
        day = getattr(event.data, name) if name else None
        if day is not None:
            every[step] += 1
            late[step] += (local_day(event.recorded_at) - day).days > 1
            if not event.data.backfill:
                delays[step].append(max((local_day(event.recorded_at) - day).days, 0))
    rows = filled.query("records_by_step", **asked("records_by_step", **window))
    assert {row["step"]: row["record_count"] for row in rows} == every
    assert {row["step"]: row["late_record_count"] for row in rows} == late
    for row in rows:
        assert row["long_days"] == ninth_tenth(sorted(delays[row["step"]]))
    by_unit = filled.query("corrections_by_unit", **asked("corrections_by_unit", **window))
    corrected = Counter(event.data.unit_code for event in stands if event.type == "case.corrected")
    assert {
        row["unit_code"]: row["corrected_count"] for row in by_unit if row["corrected_count"]
    } == corrected
    assert sum(row["event_count"] for row in by_unit) == len(stands)


@pytest.mark.parametrize(
    ("lateness", "pattern"),
    [
        ([0, 0, 0, 0], "none"),
        ([3, 2], "few"),
        ([9, 1, 0, 0], "single"),
        ([2, 2, 2, 0], "common"),
        ([2, 2, 2, 0, 0, 0, 0, 0], "several"),
        ([5, 5, 0, 0, 0], "single"),
        ([1, 0, 0, 0], "several"),
    ],
)
def test_late_in_many_places_is_told_from_late_in_one(
    filled: Warehouse, lateness: list[int], pattern: str
) -> None:
    rule = written_out("{window lateness}")
    places = ", ".join(f"('{number}', {late})" for number, late in enumerate(lateness))
    limits = {
        name: PARAMETERS[name]
        for name in ("common_communes", "recurrence_count", "late_common", "late_single")
    }
    [row] = filled.rows(f"SELECT [{places}] AS lateness, {rule}", **limits)
    assert row["pattern"] == pattern


def test_who_has_figures_is_told_from_who_stopped_and_who_never_had_any(filled: Warehouse) -> None:
    units = [*UNITS, "99999"]
    there = filled.query("reporting_places", **asked("reporting_places", units=units, provinces=["38"] * 4))
    found = {row["place_code"]: row for row in there}
    assert all(found[unit]["reporting_count"] == 1 for unit in UNITS)
    assert (found["99999"]["never_count"], found["99999"]["last_on_of_all"]) == (1, None)
    later = {"from": dt.date(2026, 8, 1), "to": dt.date(2026, 8, 31)}
    asks = asked("reporting_places", units=units, provinces=["38", "38", "38", "40"], **later)
    province, other = sorted(filled.query("reporting_places", **asks), key=lambda row: row["place_code"])
    assert (province["stopped_count"], province["reporting_count"]) == (3, 0)
    assert province["quiet_days"] > 31
    assert other["never_count"] == other["unit_count"] == 1
