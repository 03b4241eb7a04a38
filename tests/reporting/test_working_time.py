"""Office time: what lies between two instants, where a span of it ends, and what a pause leaves."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.fields import DaysKind
from tests.reporting.stories import tables

TIME = tables().working_time
HOUR = dt.timedelta(hours=1)
LOCAL = dt.timezone(dt.timedelta(hours=7))
NAIVE = st.datetimes(dt.datetime(2025, 7, 1), dt.datetime(2027, 12, 31))  # noqa: DTZ001 -- the zone is added
instants = NAIVE.map(lambda one: one.replace(microsecond=0, tzinfo=dt.UTC))
spans = st.timedeltas(dt.timedelta(), dt.timedelta(days=60)).map(
    lambda one: dt.timedelta(seconds=int(one.total_seconds()))
)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """Return a local instant of October 2025; the 13th is a Monday."""
    return dt.datetime(2025, 10, day, hour, minute, tzinfo=LOCAL).astimezone(dt.UTC)


def test_a_week_has_five_office_days() -> None:
    assert TIME.between(at(13, 0), at(20, 0)) == 5 * TIME.office_day


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (at(13, 8), at(13, 12), 4),
        (at(13, 16), at(14, 8), 2),  # over night
        (at(17, 16), at(20, 8), 2),  # over the weekend
        (at(13, 18), at(14, 6), 0),
        (at(18, 8), at(19, 16), 0),  # Saturday and Sunday
        (at(14, 8), at(13, 8), 0),  # the end comes first
    ],
)
def test_nights_and_days_off_do_not_count(start: dt.datetime, end: dt.datetime, hours: int) -> None:
    assert TIME.between(start, end) == hours * HOUR


def test_a_span_ends_in_office_hours() -> None:
    assert TIME.after(at(17, 16), 2 * HOUR) == at(20, 8)
    assert TIME.after(at(13, 16), HOUR) == at(13, 17)
    assert TIME.after(at(18, 9), TIME.office_day) == at(20, 17)


@given(instants, spans)
def test_after_a_span_that_span_has_passed(start: dt.datetime, span: dt.timedelta) -> None:
    assert TIME.between(start, TIME.after(start, span)) == span


@given(instants, instants, instants)
def test_office_time_adds_up(one: dt.datetime, two: dt.datetime, three: dt.datetime) -> None:
    first, second, third = sorted((one, two, three))
    assert TIME.between(first, second) + TIME.between(second, third) == TIME.between(first, third)


@given(instants, spans, st.lists(spans, max_size=6))
def test_pauses_take_nothing_and_give_nothing(
    start: dt.datetime, allowed: dt.timedelta, steps: list[dt.timedelta]
) -> None:
    """The office time that runs until the new due instant is the office time that was allowed."""
    due = TIME.after(start, allowed)
    when, pauses = start, []
    for step in steps:
        began_at = when + step
        when = began_at + step / 2
        pauses.append((began_at, when))
    later = TIME.put_off(due, pauses, "working")
    ran = TIME.between(start, later) - sum(
        (TIME.between(*pause) for pause in pauses if pause[0] <= later), dt.timedelta()
    )
    assert ran == allowed


def test_calendar_days_that_would_end_on_a_day_off_end_on_the_next_office_day() -> None:
    assert TIME.put_off(at(17, 17), [(at(15, 9), at(16, 9))], "calendar") == at(20, 17)
    assert TIME.put_off(at(16, 17), [(at(14, 9), at(15, 9))], "calendar") == at(17, 17)


@pytest.mark.parametrize("days_kind", ["working", "calendar"])
def test_a_pause_after_the_due_instant_changes_nothing(days_kind: DaysKind) -> None:
    assert TIME.put_off(at(14, 17), [(at(15, 8), at(16, 8))], days_kind) == at(14, 17)


def test_half_of_two_office_days_is_over_at_the_end_of_the_first() -> None:
    assert TIME.share(at(13, 7), at(14, 17), 50, "working") == at(13, 17)
    assert TIME.share(at(13, 7), at(15, 7), 50, "calendar") == at(14, 7)
    assert TIME.share(at(13, 7), at(13, 7), 50, "calendar") is None
    assert TIME.share(at(18, 7), at(19, 7), 80, "working") is None  # no office time at all
