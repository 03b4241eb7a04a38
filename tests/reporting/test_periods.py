"""Reporting periods: from the 15th to the 14th, none with a gap, none with an overlap, over the turn of the year too."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.dated.periods import parse_report_periods
from reporting.errors import TableError, UnknownPeriod
from tests.reporting.stories import tables
from tests.reporting.tables import altered, shipped

PERIODS = tables().periods
KINDS: tuple[Any, ...] = ("month", "quarter", "half_year", "year")


def day(written: str) -> dt.date:
    return dt.date.fromisoformat(written)


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2026-11", "2026-10-15", "2026-11-14"),
        ("2027-01", "2026-12-15", "2027-01-14"),
        ("2026-03", "2026-02-15", "2026-03-14"),
        ("2026-q1", "2025-12-15", "2026-03-14"),
        ("2026-q4", "2026-09-15", "2026-12-14"),
        ("2026-h1", "2025-12-15", "2026-06-14"),
        ("2026-h2", "2026-06-15", "2026-12-14"),
        ("2026-m9", "2025-12-15", "2026-09-14"),
        ("2026", "2025-12-15", "2026-12-14"),
    ],
)
def test_a_period_runs_from_the_15th_to_the_14th(key: str, first: str, last: str) -> None:
    period = PERIODS.named(key)
    assert (period.key, period.first_on, period.last_on) == (key, day(first), day(last))


@pytest.mark.parametrize(
    ("on", "key"), [("2026-11-14", "2026-11"), ("2026-11-15", "2026-12"), ("2026-12-15", "2027-01")]
)
def test_the_14th_is_the_last_day_and_the_15th_the_first(on: str, key: str) -> None:
    assert PERIODS.containing("month", day(on)).key == key


def test_a_period_is_closed_once_its_last_day_has_gone_by() -> None:
    period = PERIODS.named("2026-11")
    assert not period.is_closed(day("2026-11-14"))
    assert period.is_closed(day("2026-11-15"))


@given(st.sampled_from(KINDS), st.dates(dt.date(2022, 1, 1), dt.date(2090, 1, 1)))
def test_every_day_lies_in_one_period_and_periods_follow_without_a_gap(kind: Any, on: dt.date) -> None:
    period = PERIODS.containing(kind, on)
    assert period.holds(on)
    assert PERIODS.named(period.key) == period
    after, before = PERIODS.following(period), PERIODS.previous(period)
    assert after.first_on == period.last_on + dt.timedelta(days=1)
    assert period.first_on == before.last_on + dt.timedelta(days=1)
    assert not after.holds(on)
    assert not before.holds(on)


@given(st.dates(dt.date(2022, 1, 1), dt.date(2090, 1, 1)))
def test_a_day_lies_in_nested_periods_and_the_latest_ended_are_those_just_before_it(on: dt.date) -> None:
    holding = PERIODS.holding(on)
    assert [one.kind for one in holding if one.kind != "nine_months"] == list(KINDS)
    assert all(one.holds(on) for one in holding)
    nine = PERIODS.containing("year", on).year
    assert ("nine_months" in {one.kind for one in holding}) == (on <= PERIODS.named(f"{nine}-m9").last_on)
    for ended in PERIODS.latest_ended(on):
        assert ended.is_closed(on)
        assert not PERIODS.following(ended).is_closed(on)


@given(st.integers(2022, 2090))
def test_nine_months_are_the_first_three_quarters(year: int) -> None:
    nine = PERIODS.named(f"{year}-m9")
    assert (nine.first_on, nine.last_on) == (
        PERIODS.named(f"{year}-q1").first_on,
        PERIODS.named(f"{year}-q3").last_on,
    )
    assert PERIODS.following(PERIODS.previous(nine)) == nine


def test_a_table_without_a_row_for_nine_months_has_none_and_names_it() -> None:
    rows = shipped("report_periods.csv").splitlines()
    periods = parse_report_periods("\n".join(row for row in rows if not row.startswith("nine_months")))
    assert "nine_months" not in {one.kind for one in periods.holding(day("2026-05-01"))}
    assert "nine_months" not in {one.kind for one in periods.latest_ended(day("2026-05-01"))}
    with pytest.raises(UnknownPeriod, match="no cut-off holds for a nine_months"):
        periods.named("2026-m9")


def test_where_the_cutoff_changes_no_day_is_lost_or_counted_twice() -> None:
    first = shipped("report_periods.csv").splitlines()
    changed = [line.replace("2019-03-12,", "2019-03-12,2027-01-01") for line in first[1:]]
    later = [line.replace(",14,", ",20,").replace("2019-03-12,", "2027-01-01,") for line in first[1:]]
    periods = parse_report_periods("\n".join([first[0], *changed, *later]))
    december, january = periods.named("2026-12"), periods.named("2027-01")
    assert (december.last_on, january.first_on, january.last_on) == (
        day("2026-12-14"),
        day("2026-12-15"),
        day("2027-01-20"),
    )


@pytest.mark.parametrize(
    "key", ["", "2026-13", "2026-0", "2026-q5", "2026-h3", "26-11", "2026-11-01", "0000-01"]
)
def test_what_names_no_period_is_refused(key: str) -> None:
    with pytest.raises(UnknownPeriod):
        PERIODS.named(key)


def test_a_time_before_any_cutoff_has_no_period() -> None:
    with pytest.raises(UnknownPeriod, match="no cut-off holds"):
        PERIODS.named("2018-05")


@pytest.mark.parametrize(
    ("column", "cell"), [("cutoff_day", "31"), ("months", "2"), ("kind", "week"), ("confidence", "sure")]
)
def test_a_wrong_row_is_named(column: str, cell: str) -> None:
    with pytest.raises(TableError, match=f"line 2, column {column}"):
        parse_report_periods(altered("report_periods.csv", 2, column, cell))


def test_each_kind_has_a_row() -> None:
    with pytest.raises(TableError, match="no row for year"):
        parse_report_periods("\n".join(shipped("report_periods.csv").splitlines()[:-1]))
