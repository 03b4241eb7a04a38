"""Thresholds beside time and competence: what is noticed, when, and that nothing moves by itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from events.signals import SignalRaised
from reporting.dated.thresholds import parse_thresholds
from reporting.errors import TableError
from reporting.issues.fold import fold
from reporting.issues.triggers import Group, of_outage, of_recurrence, of_spread
from tests.reporting.stories import MORNING, SCIENCE, Story, tables
from tests.reporting.tables import altered, shipped

THRESHOLDS, TIME = tables().thresholds, tables().working_time
ON = dt.date(2025, 10, 13)
MINUTE = dt.timedelta(minutes=1)


def raised(story: Story) -> list[str]:
    return [one.said.trigger for one in story.state.signals]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"cases_blocked": 4}, []),
        ({"cases_blocked": 5}, ["blocking"]),
        ({"cases_blocked": 1, "cases_overdue": 1}, ["blocking_overdue"]),
        ({"cases_blocked": 9, "cases_overdue": 2}, ["blocking", "blocking_overdue"]),
        ({}, []),
    ],
)
def test_blocked_and_overdue_cases_are_a_signal(facts: dict[str, Any], expected: list[str]) -> None:
    assert raised(Story(**facts)) == expected


def test_a_signal_moves_no_level_no_holder_and_no_version() -> None:
    plain, signalled = Story(), Story(cases_blocked=50)
    assert (signalled.state.level, signalled.state.holder_body, signalled.state.version) == (
        plain.state.level,
        plain.state.holder_body,
        plain.state.version,
    )
    assert [one.state for one in signalled.state.escalations] == [
        one.state for one in plain.state.escalations
    ]


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (55, False), (56, True), (600, True)])
def test_an_emergency_is_recorded_within_the_hour(minutes: int, late: bool) -> None:
    story = Story("landslide_relocation", severity="urgent", occurred_at=MORNING - minutes * MINUTE)
    assert story.state.lane == "phone_first"
    assert raised(story) == (["emergency_recorded_late"] if late else [])


def test_what_is_no_emergency_may_be_recorded_later() -> None:
    assert raised(Story(occurred_at=MORNING - dt.timedelta(days=60))) == []


@pytest.mark.parametrize(
    ("minutes", "trigger"),
    [(30, None), (31, "outage_office"), (240, "outage_office"), (241, "outage_leader")],
)
def test_an_outage_is_told_higher_the_longer_it_lasts(minutes: int, trigger: str | None) -> None:
    found = of_outage("lgsp_outage", "15607", MORNING, MORNING + minutes * MINUTE, THRESHOLDS, TIME)
    assert (found.trigger if found else None) == trigger


def test_an_outage_counts_office_time_and_the_longest_goes_to_the_province_for_the_ministry() -> None:
    friday = dt.datetime(2025, 10, 17, 9, 45, tzinfo=dt.UTC)  # 16:45 local
    assert of_outage("lgsp_outage", "15607", friday, friday + dt.timedelta(days=2), THRESHOLDS, TIME) is None
    found = of_outage("lgsp_outage", "15607", friday, friday + dt.timedelta(days=4), THRESHOLDS, TIME)
    assert found is not None
    assert (found.trigger, found.threshold_count) == ("outage_ministry", 600)
    assert (
        of_outage("staff_shortage", "15607", friday, friday + dt.timedelta(days=90), THRESHOLDS, TIME) is None
    )


@pytest.mark.parametrize(("count", "seen"), [(2, False), (3, True)])
def test_three_times_in_a_commune_is_a_recurrence(count: int, seen: bool) -> None:
    assert bool(list(of_recurrence(Group("power_unstable", "15607", count), THRESHOLDS, ON))) is seen


@pytest.mark.parametrize(("count", "seen"), [(16, False), (17, True)])
def test_a_tenth_of_a_provinces_communes_is_a_spread(count: int, seen: bool) -> None:
    assert bool(list(of_spread(Group("power_unstable", "38", count, 166), THRESHOLDS, ON))) is seen


@pytest.mark.parametrize(("count", "seen"), [(4, False), (5, True)])
def test_five_provinces_are_a_spread(count: int, seen: bool) -> None:
    found = list(of_spread(Group("power_unstable", "vn", count), THRESHOLDS, ON))
    assert [one.trigger for one in found] == (["spread_over_provinces"] if seen else [])


def test_a_signal_is_raised_once_and_only_by_the_product() -> None:
    story = Story(cases_blocked=5)
    said = story.state.signals[0].said
    assert story.take(SignalRaised, said, SCIENCE).reason_code == "actor_not_entitled"
    signal = next(event for event in story.said if isinstance(event, SignalRaised))
    assert fold(story.state, signal).outcome.known


def test_a_table_of_an_older_release_takes_the_rows_that_it_lacks_from_this_one() -> None:
    older = "\n".join(line for line in shipped("thresholds.csv").splitlines() if "late_common" not in line)
    own = older.replace("remind_share,50", "remind_share,60")
    table = parse_thresholds(own, shipped("thresholds.csv"))
    on = dt.date(2026, 11, 30)
    assert table.get("remind_share", on).value == 60
    assert table.get("late_common", on) == parse_thresholds(shipped("thresholds.csv")).get("late_common", on)


def test_the_table_of_thresholds_is_read_strictly() -> None:
    table = "thresholds.csv"
    for column, cell in (("key", "mood"), ("value", "0"), ("unit", "parsecs"), ("confidence", "")):
        with pytest.raises(TableError, match=f"column {column}"):
            parse_thresholds(altered(table, 2, column, cell))
    with pytest.raises(TableError, match="remind_share has no row"):
        parse_thresholds(
            "\n".join(line for line in shipped(table).splitlines() if "remind_share" not in line)
        )
