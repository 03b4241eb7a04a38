"""Events out of order, days late, repeated, or from a wrong clock: the state is right, and the correction is shown."""

from __future__ import annotations

import datetime as dt

from reporting.issues.corrections import corrections_of
from reporting.issues.fold import fold
from tests.reporting.stories import MORNING, Story

OFF = dt.timedelta(days=30)
DAY = dt.timedelta(days=1)


def kinds(story: Story) -> list[str]:
    return [one.kind for one in corrections_of(story.state, OFF)]


def test_what_comes_as_it_should_needs_no_correction() -> None:
    story = Story(occurred_at=MORNING - DAY).taken_on()
    story.answer("solved")
    assert kinds(story) == []


def test_a_device_whose_clock_is_wrong_by_a_year_changes_no_deadline_and_is_said_so() -> None:
    story = Story().on_its_way()
    plain = Story().on_its_way()
    story.accept(time=story.now - 366 * DAY)
    plain.accept()
    assert kinds(story) == ["device_clock"]
    assert story.state.clocks == plain.state.clocks
    assert story.state.holdings == plain.state.holdings
    assert story.state.acts[-1].at != story.state.acts[-1].recorded_at


def test_a_device_that_was_offline_for_a_week_is_no_wrong_clock() -> None:
    story = Story().on_its_way()
    story.accept(time=story.now - 7 * DAY)
    assert kinds(story) == []


def test_an_answer_that_was_recorded_in_time_and_came_days_late_takes_the_breach_back() -> None:
    story = Story().taken_on()
    due_at = story.clock("first_answer").due_at
    story.watched(due_at + DAY)
    assert story.clock("first_answer").state == "breached"
    story.now += 5 * DAY
    recorded_at = due_at - dt.timedelta(hours=1)
    assert story.answer("solved", recorded_at=recorded_at, time=recorded_at).accepted
    assert story.clock("first_answer").state == "met"
    assert "breach_taken_back" in kinds(story)


def test_what_was_recorded_before_others_had_acted_is_said_to_have_come_late() -> None:
    story = Story().on_its_way()
    recorded_at = story.now - dt.timedelta(minutes=2)
    story.acknowledge()
    story.accept(recorded_at=recorded_at, time=recorded_at)
    assert kinds(story) == ["came_late"]


def test_what_would_have_happened_after_it_was_reported_counts_from_the_report() -> None:
    assert kinds(Story(occurred_at=MORNING + 300 * DAY)) == ["occurred_later"]


def test_what_comes_twice_is_no_correction_and_changes_nothing() -> None:
    story = Story().taken_on()
    before = story.state
    for event in story.log:
        again = fold(story.state, event)
        assert (again.state, again.outcome.known) == (before, True)
    assert kinds(story) == []
