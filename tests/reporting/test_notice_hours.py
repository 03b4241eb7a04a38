from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.dated.calendar import LOCAL, local_day
from reporting.dated.notice_hours import parse_notice_hours
from reporting.errors import TableError
from tests.reporting.stories import tables
from tests.reporting.tables import altered, shipped

HOURS, CALENDAR = tables().notice_hours, tables().calendar


def at(day: str, time: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time.fromisoformat(time), LOCAL)


@pytest.mark.parametrize(
    ("comes", "leaves"),
    [
        (("2026-11-25", "09:12"), ("2026-11-25", "09:12")),  # a working morning
        (("2026-11-25", "06:10"), ("2026-11-25", "07:00")),  # before the office opens
        (("2026-11-25", "17:00"), ("2026-11-26", "07:00")),  # at its end
        (("2026-11-27", "21:00"), ("2026-11-30", "07:00")),  # Friday night, over the weekend
        (("2026-11-24", "10:00"), ("2026-11-25", "07:00")),  # a public holiday
        (("2026-02-15", "10:00"), ("2026-02-23", "07:00")),  # the lunar new year
    ],
)
def test_a_notice_waits_for_office_hours(comes: tuple[str, str], leaves: tuple[str, str]) -> None:
    assert HOURS.leaves_at(at(*comes), CALENDAR) == at(*leaves)


def test_what_is_urgent_leaves_at_night_on_a_holiday() -> None:
    night = at("2026-02-17", "02:30")
    assert HOURS.leaves_at(night, CALENDAR, urgent=True) == night
    assert HOURS.leaves_at(night, CALENDAR, urgent=True, daily=True) == night


@pytest.mark.parametrize(
    ("comes", "leaves"),
    [
        (("2026-11-25", "07:30"), ("2026-11-25", "07:30")),
        (("2026-11-25", "07:31"), ("2026-11-26", "07:30")),
        (("2026-11-27", "12:00"), ("2026-11-30", "07:30")),
    ],
)
def test_the_digest_goes_once_on_a_working_day(comes: tuple[str, str], leaves: tuple[str, str]) -> None:
    assert HOURS.leaves_at(at(*comes), CALENDAR, daily=True) == at(*leaves)


@given(st.datetimes(dt.datetime(2025, 7, 1), dt.datetime(2027, 12, 1)), st.booleans())  # noqa: DTZ001 -- given a zone below
def test_nothing_leaves_before_it_came_nor_outside_office_hours(naive: dt.datetime, daily: bool) -> None:
    came = naive.replace(tzinfo=LOCAL)
    leaves = HOURS.leaves_at(came, CALENDAR, daily=daily)
    assert leaves >= came
    assert CALENDAR.is_working(local_day(leaves))
    assert dt.time(7) <= leaves.astimezone(LOCAL).time() < dt.time(17)
    assert HOURS.leaves_at(leaves, CALENDAR, daily=daily) == leaves


def test_a_table_without_rows_is_refused() -> None:
    header = shipped("notice_hours.csv").splitlines()[0]
    with pytest.raises(TableError, match="at least one row"):
        parse_notice_hours(header)


def test_a_wrong_hour_is_named() -> None:
    with pytest.raises(TableError, match="line 2, column opens_at"):
        parse_notice_hours(altered("notice_hours.csv", 2, "opens_at", "sieben"))
