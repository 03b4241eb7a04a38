"""Marks made over columns are the marks of the rule (reporting/marks.py), whatever the states."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from events.cases import CaseEvent, CaseState
from reporting.marks import rows_of
from services.streams.mark_rows import mark_rows
from services.streams.rows import case_event_rows
from tests.histories import case_event, case_key, random_history, randoms
from tests.services.test_land import arrived
from tests.strategies import case_states


def assert_the_rule(events: list[CaseEvent]) -> None:
    table, touched = mark_rows(case_event_rows(arrived(*events), 1))
    made = Counter(tuple(row.values()) for row in table.to_pylist())
    rules = [row for event in events for row in rows_of(event)]
    assert made == Counter((*row[:7], int(row.gone)) for row in rules)
    assert touched == {(row.unit_code, row.day) for row in rules}


@given(randoms)
@settings(max_examples=150, deadline=None)
def test_histories_have_the_marks_of_the_rule(r: random.Random) -> None:
    assert_the_rule(random_history(r, cases=8))


@given(st.lists(case_states(), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_states_have_the_marks_of_the_rule(states: list[CaseState]) -> None:
    assert_the_rule([case_event(state, case_key(number)) for number, state in enumerate(states)])
