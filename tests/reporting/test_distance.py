"""How far a deadline lies from today: the same days that it was counted in, and never nought on another day."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.fields import DaysKind
from reporting.dated.calendar import build_calendar
from reporting.dated.distance import closeness, days_until
from tests.reporting.tables import shipped

CALENDAR = build_calendar(shipped("calendar_overrides.csv"))
MONDAY = dt.date(2026, 11, 30)

days = st.dates(dt.date(2024, 1, 1), dt.date(2029, 12, 31))
kinds = st.sampled_from(get_args(DaysKind))


@pytest.mark.parametrize(
    ("day", "kind", "left"),
    [
        (dt.date(2026, 11, 23), "working", -4),  # the 24th is a holiday
        (dt.date(2026, 11, 23), "calendar", -7),
        (dt.date(2026, 11, 27), "working", -1),
        (MONDAY, "working", 0),
        (dt.date(2026, 12, 1), "working", 1),
        (dt.date(2026, 12, 9), "working", 7),
        (dt.date(2026, 12, 9), "calendar", 9),
    ],
)
def test_days_are_counted_as_the_deadline_was(day: dt.date, kind: DaysKind, left: int) -> None:
    assert days_until(CALENDAR, MONDAY, day, kind) == left


def test_what_was_due_on_friday_has_passed_by_saturday() -> None:
    friday, saturday, sunday = (dt.date(2026, 11, day) for day in (27, 28, 29))
    assert days_until(CALENDAR, saturday, friday) == -1
    assert days_until(CALENDAR, friday, saturday) == 1
    assert days_until(CALENDAR, sunday, MONDAY) == 1
    assert [closeness(CALENDAR, saturday, day) for day in (friday, saturday, MONDAY)] == [
        "late",
        "near",
        "soon",
    ]


@given(days, days, kinds)
def test_nothing_is_due_today_but_on_its_day(today: dt.date, day: dt.date, kind: DaysKind) -> None:
    left = days_until(CALENDAR, today, day, kind)
    assert (left == 0) == (today == day)
    assert (left > 0) == (day > today)
    assert abs(left) <= max(1, abs((day - today).days))
    assert (closeness(CALENDAR, today, day) == "late") == (left < 0)


@given(days, st.lists(days, min_size=2, max_size=5), kinds)
def test_a_later_day_is_never_nearer(today: dt.date, found: list[dt.date], kind: DaysKind) -> None:
    left = [days_until(CALENDAR, today, day, kind) for day in sorted(found)]
    assert left == sorted(left)
    order = ["late", "near", "soon", "far"]
    close = [order.index(closeness(CALENDAR, today, day)) for day in sorted(found)]
    assert close == sorted(close)


@given(days, days)
def test_both_sides_count_alike(today: dt.date, day: dt.date) -> None:
    for kind in get_args(DaysKind):
        assert days_until(CALENDAR, today, day, kind) == -days_until(CALENDAR, day, today, kind)


@given(days, st.integers(1, 60))
def test_the_nth_working_day_from_now_is_n_days_away(today: dt.date, count: int) -> None:
    assert days_until(CALENDAR, today, CALENDAR.add_working_days(today, count)) == count
