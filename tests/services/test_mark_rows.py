"""Marks made by the engine are the marks of the rule (tests/oracles/marks.py), whatever the states."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.cases import CaseDates, CaseEvent, CaseState
from reporting.cases.marks import MARKS
from services.streams.case_rows import CaseRows, Keys, Touched, state_rows, touched_by, touched_keys
from services.streams.mark_rows import mark_rows
from services.warehouse.client import Warehouse
from tests.histories import case_event, case_key, dates_of, random_history, randoms, seeded, state
from tests.oracles.marks import marks_of, rows_of
from tests.strategies import case_states

pytestmark = pytest.mark.warehouse
by_engine = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_NUMBERS = itertools.count(1)
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


def of_other_cases(events: list[CaseEvent]) -> list[CaseEvent]:
    """Return the same events about cases that no test had before: emptying a table takes long."""
    number = next(_NUMBERS)
    keys = {event.subject: case_key(1_000 * number + at) for at, event in enumerate(events)}
    return [event.model_copy(update={"subject": keys[event.subject]}) for event in events]


def made(warehouse: Warehouse, events: list[CaseEvent]) -> Rows:
    """Put the states of some events through the engine; return the rows of `case_marks` by their key."""
    warehouse.insert("case_states", state_rows(CaseRows.of_events(events)))
    keys = [event.subject for event in events]
    return {
        (row["day"], row["unit_code"], row["case_key"]): (
            {name for bit, name in enumerate(MARKS) if row["marks"] >> bit & 1},
            row["field_code"],
            row["channel"],
            row["version"],
            row["gone"],
        )
        for row in warehouse.rows(
            "SELECT * REPLACE (lower(hex(case_key)) AS case_key) FROM case_marks"
            " WHERE case_marks.case_key IN (SELECT toFixedString(unhex(arrayJoin({k:Array(String)})), 32))"
            " ORDER BY version",  # what no merge has collapsed yet: the highest version stays
            k=keys,
        )
    }


def by_the_rule(events: list[CaseEvent]) -> Rows:
    """Put the marks of the rule together by day: of one version what is held stays, of several the highest."""
    rows: Rows = {}
    for event in sorted(events, key=lambda one: one.data.seq):
        told = list(rows_of(event))
        for gone in (True, False):
            for row in told:
                if row.gone == gone:
                    key = (row.day, row.unit_code, row.case_key)
                    version = 2 * row.seq + (not gone)
                    held = rows.get(key, ())
                    names = held[0] if held and held[3] == version else set()
                    marks = set() if gone else {*names, row.mark}
                    rows[key] = (marks, row.field_code, row.channel, version, int(gone))
    return rows


def assert_the_rule(warehouse: Warehouse, events: list[CaseEvent]) -> None:
    events = of_other_cases(events)
    rule = by_the_rule(events)
    found = made(warehouse, events)
    # What an event takes back and was no mark before, changes nothing: there is no older row it could end.
    superfluous = {key for key, row in found.items() if row[4] and key not in rule}
    assert {key: row for key, row in found.items() if key not in superfluous and not row[4]} == {
        key: row for key, row in rule.items() if not row[4]
    }
    assert {key: row[3] for key, row in found.items() if row[4] and key not in superfluous} == {
        key: row[3] for key, row in rule.items() if row[4]
    }
    rows = CaseRows.of_events(events)
    states = state_rows(rows)
    assert touched_keys(states) >= {(unit, day) for day, unit, _ in found}
    assert_all_that_changed_is_named(events, touched_by(rows, states), touched_keys(states))
    assert_python_makes_the_same(states, events, found)


def assert_python_makes_the_same(states: pa.Table, events: list[CaseEvent], found: Rows) -> None:
    """Compare what small batches write with what the engine's view wrote: of one key the highest version stays."""
    made: Rows = {}
    for row in sorted(mark_rows(states).to_pylist(), key=lambda one: one["version"]):
        made[row["day"], row["unit_code"], row["case_key"].hex()] = (
            {name for bit, name in enumerate(MARKS) if row["marks"] >> bit & 1},
            row["field_code"],
            row["channel"],
            row["version"],
            row["gone"],
        )
    assert made == found
    assert {event.subject for event in events} >= {key for _, _, key in made}


def assert_all_that_changed_is_named(events: list[CaseEvent], touched: Touched, whole: Keys) -> None:
    """Compare with the rule: a day may count as unchanged only where both states of every event say the same."""
    assert touched.changed | touched.unchanged == whole
    assert not touched.changed & touched.unchanged
    for event in events:
        after = told_of(event.data)
        before = {} if event.data.previous is None else told_of(event.data.previous)
        for key in after.keys() | before.keys():
            assert key in touched.changed or after.get(key) == before.get(key)


def told_of(case: CaseDates) -> dict[tuple[str, dt.date], set[str]]:
    """Return what a state counts by (unit, day): its marks, with its field and channel."""
    told: dict[tuple[str, dt.date], set[str]] = {}
    for mark in marks_of(case):
        named = f"{case.field_code}|{case.channel}|{mark.name}"
        told.setdefault((case.unit_code, mark.day), set()).add(named)
    return told


@given(randoms)
@by_engine
@pytest.mark.slow
def test_histories_have_the_marks_of_the_rule(warehouse_module: Warehouse, r: random.Random) -> None:
    assert_the_rule(warehouse_module, random_history(r, cases=20))


@given(st.lists(case_states(), min_size=1, max_size=16))
@by_engine
@pytest.mark.slow
def test_any_states_have_the_marks_of_the_rule(warehouse_module: Warehouse, states: list[CaseState]) -> None:
    events = [case_event(state, case_key(number)) for number, state in enumerate(states)]
    assert_the_rule(warehouse_module, events)


def test_few_keys_are_named_that_no_mark_has() -> None:
    """A key too many is a recount for nothing."""
    events = random_history(seeded(5), cases=400)
    named = touched_keys(state_rows(CaseRows.of_events(events)))
    ruled = {(row.unit_code, row.day) for event in events for row in rows_of(event)}
    assert len(named) < 1.25 * len(ruled)


def test_days_of_which_the_former_state_says_the_same_are_apart() -> None:
    """A case that is closed in time changes the day of its closing and the day on which it would have been overdue."""
    day = dt.date(2026, 2, 2)
    first = state(1, received_on=day, due_on=day + dt.timedelta(days=9))
    closed = day + dt.timedelta(days=3)
    after = first.model_copy(
        update={"seq": 2, "closed_on": closed, "close_kind": "finished", "previous": dates_of(first)}
    )
    rows = CaseRows.of_events([case_event(after, case_key(1))])
    touched = touched_by(rows, state_rows(rows))
    assert touched.changed == {("15607", closed), ("15607", day + dt.timedelta(days=10))}
    assert touched.unchanged == {("15607", day)}


def test_days_that_a_case_keeps_are_held_and_days_that_it_leaves_are_gone(
    warehouse_module: Warehouse,
) -> None:
    first, *_ = random_history(seeded(6), cases=1)
    moved = first.data.model_copy(
        update={"seq": first.data.seq + 1, "unit_code": "14812", "previous": dates_of(first.data)}
    )
    found = made(warehouse_module, [first, case_event(moved, first.subject)])
    assert {unit for (_, unit, _), row in found.items() if row[4]} == {first.data.unit_code}
    assert {unit for (_, unit, _), row in found.items() if not row[4]} == {"14812"}
