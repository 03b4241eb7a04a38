"""Every office hour of an issue has one holder, and is either running or paused."""

from __future__ import annotations

import datetime as dt

from reporting.issues.ledger import hours_by_holder
from tests.reporting.stories import LEADER, MINISTRY, Story, tables

TIME = tables().working_time
DAY = dt.timedelta(days=1)
ZERO = dt.timedelta()


def total(story: Story, now: dt.datetime) -> dt.timedelta:
    return sum((held.running + held.paused for held in hours_by_holder(story.state, now, TIME)), ZERO)


def test_the_hours_of_all_holders_are_the_office_hours_that_passed() -> None:
    story = Story()
    story.now += 2 * DAY
    story.on_its_way()
    story.now += 3 * DAY
    story.accept()
    later = story.now + 20 * DAY
    found = {held.body: held for held in hours_by_holder(story.state, later, TIME)}
    assert list(found) == ["15607.ubnd", "38.so_khcn"]
    assert found["15607.ubnd"].paused == ZERO
    assert total(story, later) == TIME.between(story.state.reported_at, later)


def test_the_time_in_which_a_clock_of_the_holder_stood_still_is_apart() -> None:
    story = Story().taken_on()
    story.pause()
    began_at = story.now
    story.now += 6 * DAY
    story.resume()
    held = hours_by_holder(story.state, story.now + DAY, TIME)[-1]
    assert held.paused == TIME.between(began_at, story.now)
    assert total(story, story.now + DAY) == TIME.between(story.state.reported_at, story.now + DAY)


def test_a_pause_that_lasts_counts_until_now() -> None:
    story = Story().taken_on()
    story.pause()
    now = story.now + 6 * DAY
    assert hours_by_holder(story.state, now, TIME)[-1].paused == TIME.between(story.now, now)


def test_the_province_is_charged_until_the_ministry_accepts() -> None:
    story = Story().taken_on()
    story.petition_ministry()
    story.approve(LEADER, story.petition)
    story.send(LEADER, story.petition)
    story.now += 10 * DAY
    story.accept(MINISTRY, story.petition)
    found = {held.body: held for held in hours_by_holder(story.state, story.now + DAY, TIME)}
    assert found["38.ubnd"].running > found["bo_khcn"].running > ZERO


def test_an_issue_that_ended_collects_no_hours() -> None:
    story = Story()
    story.withdraw()
    whole = total(story, story.now)
    assert total(story, story.now + 100 * DAY) == whole


def test_what_comes_late_takes_no_hour_twice() -> None:
    story = Story().on_its_way()
    past = story.now - dt.timedelta(minutes=14)
    story.now += 2 * DAY
    story.give_back(recorded_at=past, time=past)  # recorded before the dispatch was, and arrived after it
    now = story.now + DAY
    assert total(story, now) == TIME.between(story.state.reported_at, now)
