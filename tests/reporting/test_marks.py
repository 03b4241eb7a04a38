from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.cases import CaseDates, CaseEvent, Pause
from reporting.cases.marks import MARKS
from tests.histories import (
    arrivals,
    case_event,
    case_key,
    dates_of,
    latest_states,
    random_dates,
    random_history,
    randoms,
    state,
)
from tests.oracles.marks import Mark, ended_marks, marks_of, rows_of

D = dt.date
FIRST = D(2026, 2, 2)


def day(number: int) -> D:
    return FIRST + dt.timedelta(days=number)


def marks(*pauses: tuple[int, int | None], **dates: object) -> set[tuple[int, str]]:
    """Marks of a case received on day 0, as (day number, name), without what every case has."""
    spans = tuple(Pause(reason="fee", from_on=day(a), to_on=None if b is None else day(b)) for a, b in pauses)
    told: dict[str, Any] = {"received_on": FIRST, "pauses": spans}
    told |= {name: day(value) if isinstance(value, int) else value for name, value in dates.items()}
    case = state(1, **told)
    return {((m.day - FIRST).days, m.name) for m in marks_of(case)} - {(0, "submitted"), (0, "opened")}


def test_an_open_case_will_be_overdue_the_day_after_it_is_due() -> None:
    assert marks(due_on=5) == {(6, "overdue_in")}


def test_a_submission_that_nobody_received_is_not_open() -> None:
    assert marks(received_on=None, submitted_on=0) == set()


def test_a_refusal_is_its_own_mark() -> None:
    assert marks(received_on=None, submitted_on=0, refused_on=3) == {(3, "refused")}


@pytest.mark.parametrize(
    ("closed", "kind"),
    [(4, "closed_early"), (5, "closed_on_time")],
)
def test_a_case_that_ends_in_time_was_never_overdue(closed: int, kind: str) -> None:
    assert marks(due_on=5, closed_on=closed, close_kind="finished") == {(closed, "closed"), (closed, kind)}


@pytest.mark.parametrize("closed", [6, 7, 30])
def test_a_case_that_ends_late_was_overdue_until_then(closed: int) -> None:
    assert marks(due_on=5, closed_on=closed, close_kind="finished") == {
        (6, "overdue_in"),
        (closed, "overdue_out"),
        (closed, "closed"),
        (closed, "closed_late"),
    }


@pytest.mark.parametrize("kind", ["withdrawn", "stopped"])
def test_a_case_taken_back_or_stopped_is_not_counted_as_late_but_leaves_the_overdue(kind: str) -> None:
    assert marks(due_on=5, closed_on=9, close_kind=kind) == {
        (6, "overdue_in"),
        (9, "overdue_out"),
        (9, "closed"),
        (9, f"closed_{kind}"),
    }


def test_a_case_without_a_due_day_ends_undated() -> None:
    assert marks(closed_on=9, close_kind="finished") == {(9, "closed"), (9, "closed_undated")}


def test_while_the_clock_rests_a_case_does_not_become_overdue() -> None:
    assert marks((4, None), due_on=5) == {(4, "paused_in")}
    assert marks((4, 8), due_on=5) == {(4, "paused_in"), (8, "paused_out"), (9, "overdue_in")}


def test_a_pause_that_begins_when_the_case_is_overdue_changes_nothing_about_that() -> None:
    assert marks((6, 8), due_on=5) == {(6, "paused_in"), (8, "paused_out"), (6, "overdue_in")}


def test_a_case_that_ends_while_its_clock_rests_is_in_time() -> None:
    assert marks((4, None), due_on=5, closed_on=9, close_kind="finished") == {
        (4, "paused_in"),
        (9, "paused_out"),
        (9, "closed"),
        (9, "closed_on_time"),
    }


def test_pauses_that_overlap_or_touch_are_one() -> None:
    expected = {(1, "paused_in"), (9, "paused_out")}
    assert marks((1, 4), (3, 6), (6, 9)) == expected
    assert marks((1, 9), (2, 3)) == expected
    assert (
        marks((2, 3), (1, None), closed_on=9, close_kind="stopped")
        - {
            (9, "closed"),
            (9, "closed_stopped"),
        }
        == expected
    )


def test_a_pause_within_one_day_or_outside_the_life_of_the_case_is_none() -> None:
    ended = {(5, "closed"), (5, "closed_undated")}
    assert marks((2, 2)) == set()
    assert marks((-4, -1)) == set()
    assert marks((-4, 2)) == {(0, "paused_in"), (2, "paused_out")}
    assert marks((7, 9), closed_on=5, close_kind="finished") == ended
    assert marks((5, None), closed_on=5, close_kind="finished") == ended


def test_a_source_that_names_a_due_day_before_reception_makes_the_case_overdue_at_reception() -> None:
    assert marks(due_on=-3) == {(0, "overdue_in")}


def test_a_mark_that_ended_is_named_by_the_state_before() -> None:
    before = state(1, received_on=FIRST, due_on=day(5))
    moved = state(2, received_on=FIRST, due_on=day(9))
    assert ended_marks(before, moved) == [(day(6), "overdue_in")]
    elsewhere = state(2, received_on=FIRST, due_on=day(5), unit_code="14812")
    assert len(ended_marks(before, elsewhere)) == 3
    assert ended_marks(before, state(2, received_on=FIRST, due_on=day(5), field_code="land")) == []


@given(randoms)
@settings(max_examples=400, deadline=None)
def test_stocks_of_every_case_hang_together_on_every_day(r: random.Random) -> None:
    case = state(1, **random_dates(r))
    found = marks_of(case)
    assert {mark.name for mark in found} <= set(MARKS)
    days = sorted({mark.day for mark in found})
    seen: Counter[str] = Counter()
    for today in days:
        seen.update(mark.name for mark in found if mark.day == today)
        is_open = seen["opened"] - seen["closed"]
        is_overdue = seen["overdue_in"] - seen["overdue_out"]
        is_paused = seen["paused_in"] - seen["paused_out"]
        assert 0 <= is_overdue <= is_open <= 1
        assert 0 <= is_paused <= is_open
    kinds = [mark for mark in found if mark.name.startswith("closed_")]
    assert len(kinds) == seen["closed"]
    assert seen["closed_late"] <= seen["overdue_out"] == min(seen["closed"], seen["overdue_in"])


class Replacing:
    """ReplacingMergeTree(seq, gone) with FINAL, in a dict: the highest seq of a key wins."""

    def __init__(self) -> None:
        self.rows: dict[tuple[object, ...], tuple[int, bool, tuple[str, str]]] = {}

    def insert(self, event: CaseEvent) -> None:
        for row in rows_of(event):
            key = (row.day, row.unit_code, row.case_key, row.mark)
            if key not in self.rows or self.rows[key][0] <= row.seq:
                self.rows[key] = (row.seq, row.gone, (row.field_code, row.channel))

    def surviving(self) -> dict[tuple[object, ...], tuple[str, str]]:
        return {key: group for key, (_, gone, group) in self.rows.items() if not gone}


def expected(history: list[CaseEvent]) -> dict[tuple[object, ...], tuple[str, str]]:
    latest = latest_states(history)
    return {
        (mark.day, case.unit_code, key, mark.name): (case.field_code, case.channel)
        for key, case in latest.items()
        for mark in marks_of(case)
    }


@given(randoms)
@settings(max_examples=400, deadline=None)
def test_any_order_duplicates_and_split_leave_the_marks_of_the_latest_states(r: random.Random) -> None:
    history = random_history(r)
    engine = Replacing()
    for batch in arrivals(r, history):
        for delivered in batch:
            assert isinstance(delivered.event, CaseEvent)
            engine.insert(delivered.event)
    assert engine.surviving() == expected(history)


@given(randoms, st.booleans())
@settings(max_examples=200, deadline=None)
def test_previous_is_only_needed_where_a_mark_ended(r: random.Random, keep_order: bool) -> None:
    history = random_history(r, cases=2)
    lean = []
    for event in history:
        was = event.data.previous
        if was is not None and not ended_marks(was, event.data):
            event = case_event(event.data.model_copy(update={"previous": None}), event.subject)  # noqa: PLW2901 -- the leaner twin
        lean.append(event)
    if not keep_order:
        r.shuffle(lean)
    engine = Replacing()
    for event in lean:
        engine.insert(event)
    assert engine.surviving() == expected(history)


def test_the_property_notices_a_missing_previous() -> None:
    first = state(1, received_on=FIRST)
    moved = state(2, received_on=day(3))
    history = [case_event(first, case_key(1)), case_event(moved, case_key(1))]
    engine = Replacing()
    for event in history:
        engine.insert(event)
    assert engine.surviving() != expected(history)


def test_marks_are_values() -> None:
    case = state(1, received_on=FIRST)
    assert Mark(FIRST, "opened") in marks_of(case)
    assert marks_of(dates_of(case)) == marks_of(case)
    assert isinstance(dates_of(case), CaseDates)
