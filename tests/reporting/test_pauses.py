"""Clocks that stand still, in plain words: given events, when, then; and the traps into which others fell."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest

from reporting.issues.clock import IssueClock
from reporting.issues.fold import fold, fold_all
from reporting.issues.state import IssueState
from tests.reporting.stories import CHAIR, LEADER, OFFICER, REVIEWER, SCIENCE, SYSTEM, Story, document, tables

TIME = tables().working_time
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def first(story: Story) -> IssueClock:
    found = story.clock("first_answer")
    assert isinstance(found, IssueClock)
    return found


def test_a_pause_keeps_what_is_left_of_the_time_to_the_minute() -> None:
    story = Story().taken_on()
    before = first(story)
    assert story.pause().accepted
    began_at = story.now
    assert (first(story).state, first(story).due_at) == ("paused", before.due_at)
    left = TIME.between(began_at, before.due_at)
    story.now += 9 * DAY
    assert story.resume().accepted
    after = first(story)
    assert after.state == "running"
    assert TIME.between(story.now, after.due_at) == left
    assert after.started_at == before.started_at
    assert [(pause.reason, pause.from_at, pause.to_at) for pause in after.pauses] == [
        ("waiting_commune", began_at, story.now)
    ]


def test_the_marks_that_were_not_passed_move_with_the_due_instant() -> None:
    story = Story().taken_on()
    before = first(story)
    assert before.remind_at is not None
    assert story.watched(before.remind_at + HOUR) >= 1
    assert first(story).said == "reminder"
    story.pause()
    paused_at = story.now
    story.now += 20 * DAY
    assert story.watched(story.now) == 0  # nothing is said of a clock that stands still
    story.resume()
    after = first(story)
    assert after.remind_at == before.remind_at
    assert after.warn_at is not None
    assert before.warn_at is not None
    assert TIME.between(story.now, after.warn_at) == TIME.between(paused_at, before.warn_at)
    assert story.watched(after.warn_at + HOUR) == 1
    assert first(story).said == "warning"


def test_a_wait_may_last_for_months() -> None:
    """Elsewhere a wait was capped at a day."""
    story = Story().taken_on()
    left = TIME.between(story.now + dt.timedelta(minutes=5), first(story).due_at)
    story.pause()
    story.now += 200 * DAY
    assert story.watched(story.now) == 0
    assert first(story).state == "paused"
    story.resume()
    assert TIME.between(story.now, first(story).due_at) == left


def test_no_edit_and_no_other_step_starts_a_clock_anew_or_loses_a_pause() -> None:
    """Elsewhere every edit restarted the clock, and a change of policy dropped the pauses."""
    story = Story().on_its_way()
    begun = first(story)
    story.pause()
    pauses = first(story).pauses
    story.acknowledge()
    story.accept()
    assert (first(story).started_at, first(story).due_at, first(story).pauses) == (
        begun.started_at,
        begun.due_at,
        pauses,
    )
    again = [event for event in story.said if event.type == "clock.started"][-1]
    other_policy = again.model_copy(update={"id": uuid4(), "data": again.data.model_copy(update={"days": 1})})
    assert fold(story.state, other_policy).outcome.reason_code == "illegal_transition"


def test_an_answer_during_a_pause_is_in_time() -> None:
    story = Story().taken_on()
    story.pause()
    story.now = first(story).due_at + 30 * DAY
    assert story.answer("solved").accepted
    assert (first(story).state, first(story).stopped_at) == ("met", story.now)
    assert all(pause.to_at is not None for pause in first(story).pauses)


def test_a_pause_recorded_in_time_takes_back_a_breach_that_was_noted_before_it_arrived() -> None:
    story = Story().taken_on()
    due_at = first(story).due_at
    story.watched(due_at + HOUR)
    assert first(story).state == "breached"
    assert story.pause(recorded_at=due_at - HOUR, time=due_at - HOUR).accepted
    assert first(story).state == "paused"
    story.now = due_at + 5 * DAY
    story.resume()
    assert first(story).state == "running"
    assert story.watched(first(story).due_at + HOUR) == 1  # and can go by once more
    assert first(story).state == "breached"


def test_a_clock_that_ran_out_cannot_be_paused() -> None:
    story = Story().taken_on()
    story.now = first(story).due_at + HOUR
    assert story.pause().reason_code == "illegal_transition"


def test_the_second_who_pauses_for_the_same_reason_is_refused_and_another_reason_goes_beside_it() -> None:
    story = Story().taken_on()
    seen = story.state.version
    assert story.pause(expected_version=seen).accepted
    assert story.pause(expected_version=seen).reason_code == "version_conflict"
    assert story.pause().reason_code == "illegal_transition"
    one = first(story)
    assert story.pause("force_majeure", LEADER, document=document(), on_behalf_of="38.so_khcn").accepted
    waiting, storm = first(story).pauses
    story.now += DAY
    assert story.resume(SCIENCE, pause_id=waiting.id).accepted
    assert first(story).state == "paused"
    story.now += DAY
    left = TIME.between(waiting.from_at, one.due_at)
    assert story.resume(REVIEWER, pause_id=storm.id, on_behalf_of="38.so_khcn").accepted
    assert first(story).state == "running"
    assert TIME.between(story.now, first(story).due_at) == left


@pytest.mark.parametrize(
    "actor", [OFFICER, CHAIR, SYSTEM, {"actor_role": "department_officer", "actor_unit": "40"}]
)
def test_only_the_lead_and_the_provincial_office_pause(actor: dict[str, str]) -> None:
    assert Story().taken_on().pause(actor=actor).reason_code == "actor_not_entitled"


def test_pause_and_resume_are_offered_to_who_may_take_them() -> None:
    story = Story().taken_on()

    def offered(actor: dict[str, str] = SCIENCE) -> set[str]:
        return set(story.offered(actor, story.root)) & {"pause", "resume"}

    assert offered() == {"pause"}
    story.pause()
    assert offered() == {"pause", "resume"}  # the applicant may be waited for as well
    story.pause("waiting_applicant")
    assert offered() == {"resume"}
    assert offered(LEADER) == {"pause", "resume"}  # a storm is the province's to say
    while offered() == {"resume"}:
        story.resume()
    assert offered() == {"pause", "resume"}
    story.resume()
    assert offered() == {"pause"}
    assert offered(CHAIR) == set()


def test_no_pause_is_offered_for_what_no_reason_covers_or_what_ran_out() -> None:
    story = Story().taken_on()
    assert story.answer("waiting_resources", document=document()).accepted
    assert [clock.clock for clock in story.state.clocks if clock.stopped_at is None] == ["promise"]
    assert "pause" not in story.offered(SCIENCE, story.root)  # waiting for means is no pause
    assert "pause" in story.offered(LEADER, story.root)
    story.now = story.clock("promise").due_at + HOUR
    assert "pause" not in story.offered(LEADER, story.root)


def test_a_resumption_without_a_pause_is_refused() -> None:
    assert Story().taken_on().resume().reason_code == "illegal_transition"


def test_a_word_from_the_past_takes_no_time_twice() -> None:
    """A pause that was recorded while another lasted, and came after that one had ended."""
    story = Story().taken_on()
    story.pause()
    began_at = story.now
    story.now += 4 * DAY
    story.resume()
    ended_at, due_at = story.now, first(story).due_at
    assert story.pause("waiting_applicant", recorded_at=began_at + DAY, time=began_at + DAY).accepted
    assert first(story).pauses[-1].from_at == ended_at
    story.resume(recorded_at=ended_at, time=ended_at)
    assert first(story).due_at == due_at


def test_a_replay_gives_the_same_pauses_and_says_nothing_new() -> None:
    story = Story().taken_on()
    story.pause()
    story.now += 3 * DAY
    story.resume()
    assert fold_all(story.log) == story.state
    for event in story.log:
        assert fold(story.state, event).outcome.known
    assert IssueState.from_json(story.state.to_json()) == story.state


def test_a_deadline_that_nobody_set_stays_a_reminder_over_a_pause() -> None:
    story = Story().taken_on()
    story.pause()
    story.resume()
    assert first(story).is_reminder


def test_an_issue_that_is_let_go_by_its_problem_stands_still_again_as_it_did() -> None:
    story = Story().taken_on()
    story.pause()
    before = first(story)
    assert story.join().accepted
    assert story.problem_answered("solved", 1).accepted
    assert first(story).state == "met"
    assert story.unjoin().accepted
    assert first(story) == before
    story.now += DAY
    assert story.resume().accepted
    assert TIME.between(story.now, first(story).due_at) == TIME.between(
        before.pauses[0].from_at, before.due_at
    )
