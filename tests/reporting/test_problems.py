"""One cause, many communes: joined, answered once, confirmed place by place, and let go again without a trace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from reporting.issues.clock import IssueClock
from reporting.issues.fold import fold_all
from reporting.issues.state import IssueState, Outcome
from reporting.notices import notices_of
from reporting.problems.fold import ProblemState, allowed_on_problem
from tests.reporting.problem_stories import Shared
from tests.reporting.stories import (
    CHAIR,
    LEADER,
    MINISTRY,
    OFFICER,
    REVIEWER,
    SCIENCE,
    SYSTEM,
    TEXT,
    Story,
    document,
)

HEALTH = {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.so_y_te"}
OTHER_PROVINCE = {"actor_role": "province_reviewer", "actor_unit": "01", "actor_body": "01.vp_ubnd"}


def opened(*names: str) -> Shared:
    """Open a problem of Thanh Hóa and join these issues, each on the department's desk."""
    shared = Shared(*names)
    assert shared.open().accepted
    for name in names:
        shared.issue(name).taken_on()
        assert shared.join(name).accepted
    return shared


def test_joined_issues_are_members_and_nobody_who_reported_is_lost() -> None:
    shared = opened("bat mot", "van xuan")
    assert shared.members() == {shared.issue("bat mot").id, shared.issue("van xuan").id}
    for name in ("bat mot", "van xuan"):
        state = shared.issue(name).state
        assert state.joined is not None
        assert state.joined.problem_id == shared.id
        assert (state.holder_body, state.unit_code) == ("38.so_khcn", "15607")


def test_another_event_under_a_known_id_is_refused_and_is_no_repetition() -> None:
    shared = Shared("a")
    shared.open()
    assert shared.rename(id=TEXT.id).accepted
    refused = shared.answer(id=TEXT.id)
    assert (refused.accepted, refused.reason_code, refused.known) == (False, "id_taken", False)
    assert shared.state.answer is None
    again = shared.answer(id=TEXT.id)
    assert (again.reason_code, again.known) == ("id_taken", True)


def test_one_answer_reaches_every_member_and_ends_none_of_them() -> None:
    shared = opened("bat mot", "van xuan")
    assert shared.answer("solved").accepted
    for story in shared.issues.values():
        assert story.state.state == "solution_claimed"
        assert story.state.holder_body == "15607.ubnd"
        assert story.state.ended_at is None
    assert shared.state.state == "answered"


def test_solved_means_confirmed_each_place_for_itself() -> None:
    shared = opened("bat mot", "van xuan")
    shared.answer("solved")
    assert shared.issue("bat mot").confirm().accepted
    assert shared.issue("bat mot").state.state == "closed"
    assert shared.issue("van xuan").state.state == "solution_claimed"


def test_closing_a_problem_confirms_nothing_for_anybody() -> None:
    shared = opened("bat mot")
    shared.answer("solved")
    assert shared.close().accepted
    assert shared.issue("bat mot").state.state == "solution_claimed"


def test_a_problem_without_an_answer_cannot_be_closed() -> None:
    assert opened("bat mot").close().reason_code == "illegal_transition"


def test_a_commune_that_disputes_is_asked_about_again_and_the_others_are_not_touched() -> None:
    shared = opened("bat mot", "van xuan")
    shared.answer("solved")
    assert shared.issue("bat mot").dispute().accepted
    state = shared.issue("bat mot").state
    assert (state.state, state.holder_body) == ("disputed", "38.so_khcn")
    assert len(shared.issue("bat mot").root.rounds) == 2
    assert shared.issue("bat mot").clock("first_answer").state == "running"
    assert shared.issue("van xuan").state.state == "solution_claimed"
    assert shared.issue("bat mot").answer("solved").accepted


def test_what_is_disputed_can_be_answered_once_more_for_all() -> None:
    shared = opened("bat mot", "van xuan")
    shared.answer("solved")
    shared.issue("bat mot").dispute()
    shared.issue("van xuan").confirm()
    assert shared.answer("guidance").accepted
    state = shared.issue("bat mot").state
    assert state.joined is not None
    assert (state.state, state.joined.number) == ("solution_claimed", 2)
    assert shared.issue("van xuan").state.state == "closed"


def test_a_member_that_is_joined_after_the_answer_gets_it_at_once() -> None:
    shared = Shared("bat mot", "late")
    shared.open()
    shared.join("bat mot")
    shared.answer("solved")
    assert shared.issue("late").state.state == "received"
    assert shared.join("late").accepted
    assert shared.issue("late").state.state == "solution_claimed"


def test_unjoining_lets_the_issue_go_on_from_where_it_was() -> None:
    shared = opened("bat mot")
    before = shared.issue("bat mot").state
    shared.answer("solved")
    assert shared.unjoin("bat mot").accepted
    after = shared.issue("bat mot").state
    assert (after.state, after.holder_body) == (before.state, before.holder_body)
    assert after.escalations == before.escalations
    *own, confirmation = after.clocks
    assert tuple(own) == before.clocks
    assert (confirmation.clock, confirmation.state) == ("confirm", "stopped")
    assert after.joined is None
    assert shared.members() == set()


def test_clocks_run_on_while_joined_and_are_met_by_the_answer_of_the_problem() -> None:
    shared = opened("bat mot")
    story = shared.issue("bat mot")
    assert story.clock("first_answer").state == "running"
    shared.answer("solved")
    assert story.clock("first_answer").state == "met"


def confirmations(story: Story) -> list[IssueClock]:
    """Return the deadlines that the commune has or had to say what it makes of the problem's answers."""
    return [clock for clock in story.state.clocks if clock.joined_by is not None]


@pytest.mark.parametrize("kind", ["solved", "guidance"])
def test_each_commune_has_the_deadline_to_confirm_that_it_has_for_an_answer_of_its_own(kind: str) -> None:
    alone = Story(name="alone").taken_on()
    alone.answer(kind)
    usual = alone.clock("confirm")
    shared = opened("bat mot", "van xuan")
    shared.answer(kind)
    for story in shared.issues.values():
        (clock,) = confirmations(story)
        assert (clock.clock, clock.holder_body, clock.state) == ("confirm", "15607.ubnd", "running")
        joined = story.state.joined
        assert joined is not None
        assert joined.answer is not None
        assert clock.started_at == joined.answer.at
        assert (clock.days, clock.days_kind, clock.deadline_source) == (
            usual.days,
            usual.days_kind,
            usual.deadline_source,
        )
        assert clock.remind_at is not None


@pytest.mark.parametrize("kind", ["refused", "waiting_resources"])
def test_what_is_only_noted_has_no_deadline_to_be_confirmed(kind: str) -> None:
    shared = opened("bat mot")
    shared.answer(kind)
    assert confirmations(shared.issue("bat mot")) == []


@pytest.mark.parametrize("decision", ["confirm", "dispute"])
def test_the_word_of_the_commune_in_time_meets_the_deadline_whatever_it_says(decision: str) -> None:
    shared = opened("bat mot", "van xuan")
    shared.answer("solved")
    story = shared.issue("bat mot")
    story.now = shared.now
    assert getattr(story, decision)().accepted
    assert [clock.state for clock in confirmations(story)] == ["met"]
    assert [clock.state for clock in confirmations(shared.issue("van xuan"))] == ["running"]


def test_silence_is_reminded_of_and_noted_and_confirms_nothing() -> None:
    shared = opened("bat mot")
    shared.answer("solved")
    story = shared.issue("bat mot")
    (clock,) = confirmations(story)
    assert clock.remind_at is not None
    notices = []
    for at in (clock.remind_at, clock.warn_at, clock.due_at):
        assert at is not None
        assert story.watched(at + dt.timedelta(minutes=1)) == 1
        notices.append([(one.template, one.recipient.body) for one in notices_of(story.log[-1], story.state)])
    assert notices == [
        [("reminder", "15607.ubnd")],
        [("warning", "15607.ubnd")],
        [("reminder_passed", "15607.ubnd"), ("reminder_passed", "38.vp_ubnd")],
    ]
    assert (story.state.state, confirmations(story)[0].state) == ("solution_claimed", "breached")
    assert story.confirm().accepted  # late, and still its word
    assert story.state.state == "closed"
    assert confirmations(story)[0].stopped_at is not None


def test_a_new_answer_begins_a_deadline_of_its_own_and_ends_the_one_before() -> None:
    shared = opened("bat mot")
    shared.answer("guidance")
    shared.answer("solved")
    first, second = confirmations(shared.issue("bat mot"))
    assert (first.state, first.stopped_at) == ("stopped", second.started_at)
    assert second.state == "running"


def test_a_member_that_is_added_later_has_its_whole_time_from_then_on() -> None:
    shared = Shared("bat mot", "van xuan")
    shared.open()
    shared.answer("solved")
    shared.now += dt.timedelta(days=30)
    shared.issue("bat mot").taken_on()
    shared.issue("bat mot").now = shared.now
    assert shared.join("bat mot").accepted
    (clock,) = confirmations(shared.issue("bat mot"))
    assert clock.state == "running"
    assert clock.started_at > shared.state.answers[-1].given.at + dt.timedelta(days=29)


def test_a_deadline_to_confirm_stands_still_for_a_fault_and_for_a_storm() -> None:
    shared = opened("bat mot")
    shared.answer("solved")
    story = shared.issue("bat mot")
    assert story.suppress().accepted
    assert confirmations(story)[0].state == "paused"
    assert story.release().accepted
    (clock,) = confirmations(story)
    assert clock.state == "running"
    storm: dict[str, Any] = {"clocks": (clock.id,), "document": document(), "on_behalf_of": "38.so_khcn"}
    assert story.pause("force_majeure", LEADER, **storm).accepted
    assert confirmations(story)[0].state == "paused"
    story.now += dt.timedelta(days=3)
    assert story.resume(LEADER, on_behalf_of="38.so_khcn").accepted
    assert confirmations(story)[0].due_at > clock.due_at


def test_the_deadline_of_a_ministrys_answer_is_the_communes_too() -> None:
    shared = Shared("bat mot", scope="vn")
    assert shared.open(MINISTRY, lead_body="bo_khcn").accepted
    story = shared.issue("bat mot").taken_on()
    assert story.petition_ministry().accepted
    assert story.approve(LEADER, story.petition).accepted
    assert story.send(REVIEWER, story.petition).accepted
    assert shared.join("bat mot", MINISTRY).accepted
    assert shared.answer("guidance", MINISTRY).accepted
    assert [(one.holder_body, one.state) for one in confirmations(story)] == [("15607.ubnd", "running")]


def test_a_clock_that_was_breached_before_the_answer_is_breached_after_unjoining() -> None:
    shared = opened("bat mot")
    story = shared.issue("bat mot")
    shared.now = story.clock("first_answer").due_at + dt.timedelta(days=1)
    shared.answer("solved")
    assert story.clock("first_answer").state == "breached"
    shared.unjoin("bat mot")
    assert (story.clock("first_answer").state, story.clock("first_answer").stopped_at) == ("breached", None)


def test_unjoined_and_joined_again_it_gets_the_answer_again() -> None:
    shared = opened("bat mot")
    shared.answer("solved")
    shared.unjoin("bat mot")
    assert shared.join("bat mot").accepted
    assert shared.issue("bat mot").state.state == "solution_claimed"


def test_an_issue_that_is_confirmed_can_still_be_unjoined_and_stays_closed() -> None:
    shared = opened("bat mot")
    shared.answer("solved")
    shared.issue("bat mot").confirm()
    assert shared.unjoin("bat mot").accepted
    assert shared.issue("bat mot").state.state == "closed"
    assert shared.members() == set()


def test_an_answer_for_a_membership_that_ended_is_ignored() -> None:
    shared = opened("bat mot")
    shared.holds_back = True
    shared.answer("solved")
    [late] = shared.waiting
    shared.waiting = []
    shared.unjoin("bat mot")
    before = shared.issue("bat mot").state.state
    assert shared.issue("bat mot").apply(late).reason_code == "illegal_transition"
    assert shared.issue("bat mot").state.state == before


def test_a_problem_that_was_withdrawn_lets_its_members_go() -> None:
    shared = opened("bat mot", "van xuan")
    shared.answer("solved")
    assert shared.withdraw().accepted
    for story in shared.issues.values():
        assert story.state.joined is None
        assert (story.state.state, story.state.holder_body) == ("received", "38.so_khcn")
    assert shared.members() == set()


def test_whoever_joins_to_a_withdrawn_problem_is_let_go_by_itself() -> None:
    shared = Shared("bat mot")
    shared.open()
    shared.withdraw()
    assert shared.join("bat mot").accepted
    assert shared.issue("bat mot").state.joined is None
    assert len(shared.issue("bat mot").state.joined_before) == 1


def test_a_problem_that_nobody_opened_takes_nobody() -> None:
    shared = Shared("bat mot")
    assert shared.join("bat mot").accepted
    assert shared.issue("bat mot").state.joined is None


def test_an_issue_has_one_problem_at_a_time() -> None:
    shared = opened("bat mot")
    assert shared.join("bat mot", problem_id=shared.issue("bat mot").id).reason_code == "illegal_transition"


def test_joined_twice_by_two_people_the_second_is_told() -> None:
    shared = opened("bat mot")
    version = shared.issue("bat mot").state.version
    assert shared.unjoin("bat mot", expected_version=version).accepted
    assert shared.unjoin("bat mot", expected_version=version).reason_code == "version_conflict"


@pytest.mark.parametrize("actor", [OFFICER, CHAIR, HEALTH, MINISTRY, OTHER_PROVINCE, SYSTEM], ids=str)
def test_only_the_province_and_the_body_it_was_sent_to_may_join(actor: dict[str, str]) -> None:
    shared = Shared("bat mot")
    shared.open()
    shared.issue("bat mot").taken_on()
    assert shared.join("bat mot", actor).reason_code == "actor_not_entitled"


@pytest.mark.parametrize("actor", [REVIEWER, LEADER, SCIENCE], ids=str)
def test_the_province_and_the_lead_body_may_join_and_unjoin(actor: dict[str, str]) -> None:
    shared = Shared("bat mot")
    shared.open()
    shared.issue("bat mot").taken_on()
    assert shared.join("bat mot", actor).accepted
    assert shared.unjoin("bat mot", actor).accepted


def test_a_department_may_not_join_what_was_not_sent_to_it_yet() -> None:
    shared = Shared("bat mot")
    shared.open()
    assert shared.join("bat mot", SCIENCE).reason_code == "actor_not_entitled"


def test_a_province_does_not_join_to_a_problem_of_the_nation_by_itself() -> None:
    shared = Shared("bat mot", scope="vn")
    assert shared.open(MINISTRY, "bo_khcn").accepted
    shared.issue("bat mot").taken_on()
    shared.join("bat mot")
    assert shared.members() == set()
    assert shared.issue("bat mot").state.joined is None


def petitioned() -> Shared:
    """Bring an issue before the ministry through its province."""
    shared = Shared("bat mot", scope="vn")
    shared.open(MINISTRY, "bo_khcn")
    story = shared.issue("bat mot").taken_on()
    assert story.petition_ministry().accepted
    assert story.approve(LEADER, story.petition).accepted
    assert story.send(REVIEWER, story.petition).accepted
    return shared


def test_a_ministry_joins_what_a_province_brought_to_it() -> None:
    shared = petitioned()
    assert shared.join("bat mot", MINISTRY).accepted
    assert shared.members() == {shared.issue("bat mot").id}
    assert shared.answer("solved", MINISTRY).reason_code == "document_required"
    assert shared.answer("solved", MINISTRY, document=document("5/BKHCN", "bo_khcn")).accepted
    assert shared.issue("bat mot").state.state == "solution_claimed"


def test_another_ministry_may_not() -> None:
    other = {"actor_role": "ministry_officer", "actor_unit": "vn", "actor_body": "bo_y_te"}
    assert petitioned().join("bat mot", other).reason_code == "actor_not_entitled"


@pytest.mark.parametrize(
    ("actor", "lead_body", "reason"),
    [
        (SCIENCE, "38.so_khcn", None),
        (LEADER, "38.so_khcn", None),
        (HEALTH, "38.so_khcn", "actor_not_entitled"),
        (CHAIR, "38.so_khcn", "actor_not_entitled"),
        (OTHER_PROVINCE, "38.so_khcn", "actor_not_entitled"),
        (REVIEWER, "bo_khcn", "level_skipped"),
        (REVIEWER, "40.so_khcn", "level_skipped"),
    ],
    ids=str,
)
def test_who_may_open_a_problem(actor: dict[str, str], lead_body: str, reason: str | None) -> None:
    assert Shared("bat mot").open(actor, lead_body).reason_code == reason


@pytest.mark.parametrize("actor", [HEALTH, OFFICER, OTHER_PROVINCE, MINISTRY, SYSTEM], ids=str)
def test_only_its_lead_body_and_its_province_may_answer_a_problem(actor: dict[str, str]) -> None:
    assert opened("bat mot").answer("solved", actor).reason_code == "actor_not_entitled"


def test_the_province_records_an_answer_for_a_body_that_does_not_sign_in() -> None:
    shared = opened("bat mot")
    assert shared.answer("solved", REVIEWER, on_behalf_of="38.so_y_te").reason_code == "actor_not_entitled"
    assert shared.answer("solved", REVIEWER, on_behalf_of="38.so_khcn").accepted
    assert shared.state.answers[-1].given.on_behalf_of == "38.so_khcn"


@pytest.mark.parametrize("kind", ["refused", "waiting_resources"])
def test_a_refusal_or_a_promise_needs_its_document(kind: str) -> None:
    shared = opened("bat mot")
    assert shared.answer(kind, document=None).reason_code == "document_required"
    assert shared.answer(kind).accepted
    assert shared.issue("bat mot").state.state == "answered"


def test_a_body_that_promised_means_holds_the_issue_until_it_answers_again() -> None:
    shared = opened("bat mot")
    shared.answer("waiting_resources")
    assert shared.issue("bat mot").state.holder_body == "38.so_khcn"
    shared.answer("solved")
    assert shared.issue("bat mot").state.holder_body == "15607.ubnd"


def test_members_that_come_and_go_do_not_make_a_person_act_on_an_old_version() -> None:
    shared = opened("bat mot", "van xuan")
    assert shared.state.version == 1
    assert shared.rename(expected_version=1).accepted
    assert shared.rename(expected_version=1).reason_code == "version_conflict"


def test_events_that_come_again_are_silent_even_with_an_old_version() -> None:
    shared = opened("bat mot")
    shared.rename(expected_version=1)
    shared.answer("solved")
    for event in list(shared.log):
        before = shared.state
        assert shared.apply(event).known
        assert shared.state == before
    story = shared.issue("bat mot")
    for event in list(story.log):
        known = story.state
        assert story.apply(event).known
        assert story.state == known


def test_the_same_log_gives_the_same_states_and_they_come_back_from_json() -> None:
    shared = opened("bat mot")
    shared.answer("solved")
    shared.issue("bat mot").confirm()
    state = shared.issue("bat mot").state
    assert fold_all(shared.issue("bat mot").log) == state
    assert IssueState.from_json(state.to_json()) == state
    assert ProblemState.from_json(shared.state.to_json()) == shared.state


def test_the_commune_is_offered_to_confirm_what_its_problem_was_answered_with() -> None:
    shared = opened("bat mot")
    shared.answer("solved")
    assert {"confirm", "dispute"} <= set(shared.issue("bat mot").offered(OFFICER))


ACTORS = (
    OFFICER,
    REVIEWER,
    LEADER,
    SCIENCE,
    {"actor_role": "department_leader", "actor_unit": "38"},
    {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.so_cong_thuong"},
    {"actor_role": "province_reviewer", "actor_unit": "40", "actor_body": "40.vp_ubnd"},
    MINISTRY,
)
ACTS: dict[str, Callable[..., Outcome]] = {
    "rename": Shared.rename,
    "answer": Shared.answer,
    "withdraw": Shared.withdraw,
    "close": Shared.close,
}


@pytest.mark.parametrize(
    "before", [(), ("answer",), ("answer", "close"), ("answer", "close", "answer"), ("withdraw",)]
)
@pytest.mark.parametrize("actor", ACTORS, ids=lambda one: one.get("actor_body") or one["actor_role"])
def test_whoever_is_offered_an_act_on_a_problem_can_take_it_and_nobody_else(
    before: tuple[str, ...], actor: dict[str, str]
) -> None:
    def folded() -> Shared:
        shared = opened("bat mot")
        for act in before:
            assert ACTS[act](shared).accepted
        return shared

    who = {
        "role": actor["actor_role"],
        "unit_code": actor["actor_unit"],
        "body": actor.get("actor_body"),
    }
    offered = set(allowed_on_problem(folded().state, **who))  # type: ignore[arg-type]
    assert offered == {act for act, take in ACTS.items() if take(folded(), actor=actor).accepted}
