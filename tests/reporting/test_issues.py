"""Scenarios of one issue, from the commune to the ministry and back, and every way in which a step is refused."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4, uuid5

import pytest
from msgspec.structs import replace

from events.clocks import ClockBreach, ClockBreached
from reporting.issues import product_envelope
from reporting.issues.fold import fold
from reporting.issues.follow_ups import owed
from reporting.issues.state import IssueState, Outcome
from reporting.notices import notices_of
from tests.reporting.stories import (
    CHAIR,
    CLERK,
    LEADER,
    MINISTRY,
    OFFICER,
    REVIEWER,
    SCIENCE,
    SYSTEM,
    Story,
    document,
    follow_up_tables,
)

ROOT = Path(__file__).resolve().parents[2]
OTHER_CHAIR = {"actor_role": "commune_chair", "actor_unit": "14845"}


def test_a_dead_spot_goes_up_to_the_ministry_and_comes_back_confirmed() -> None:
    story = Story()
    verdict = story.state.verdict
    assert verdict is not None
    assert (verdict.lane, verdict.level, verdict.lead_body) == ("proposal", "province", "38.so_khcn")
    assert (story.root.state, story.root.lead_body, story.state.holder_body) == (
        "proposed",
        "38.so_khcn",
        "15607.ubnd",
    )

    assert story.approve(CHAIR).accepted
    assert (story.root.state, story.state.holder_body) == ("awaiting_document", "15607.ubnd")
    assert story.send(CLERK).accepted
    assert (story.root.state, story.state.holder_body) == ("sent", "38.so_khcn")
    assert story.acknowledge(SCIENCE).accepted
    assert story.accept(SCIENCE).accepted
    assert story.root.state == "accepted"

    assert story.petition_ministry(SCIENCE).accepted
    assert (story.petition.state, story.state.holder_body) == ("proposed", "38.ubnd")
    assert story.approve(LEADER, story.petition).accepted
    assert story.send(REVIEWER, story.petition).accepted
    assert (story.petition.state, story.state.holder_body) == ("sent", "38.ubnd")  # until it accepts
    assert story.accept(REVIEWER, story.petition, on_behalf_of="bo_khcn").accepted
    assert story.state.holder_body == "bo_khcn"
    said = story.answer("guidance", REVIEWER, story.petition, on_behalf_of="bo_khcn", document=document())
    assert said.accepted
    assert (story.petition.state, story.state.state) == ("answered", "received")
    assert story.state.holder_body == "38.so_khcn"

    assert story.answer("solved", SCIENCE).accepted
    assert (story.state.state, story.state.holder_body) == ("solution_claimed", "15607.ubnd")
    assert story.confirm(OFFICER).accepted
    assert (story.state.state, story.state.closed_reason) == ("closed", "confirmed")
    assert {one.state for one in story.state.escalations} == {"closed"}
    assert all(clock.state in {"met", "stopped"} for clock in story.state.clocks)
    assert [holding.body for holding in story.state.holdings] == [
        "15607.ubnd",
        "38.so_khcn",
        "38.ubnd",
        "bo_khcn",
        "38.so_khcn",
        "15607.ubnd",
        None,
    ]


def test_the_ministry_may_take_its_steps_itself() -> None:
    story = Story().taken_on()
    story.petition_ministry()
    story.approve(LEADER, story.petition)
    story.send(LEADER, story.petition)
    assert story.acknowledge(MINISTRY, story.petition).accepted
    assert story.accept(MINISTRY, story.petition).accepted
    assert story.answer("solved", MINISTRY, story.petition).reason_code == "document_required"
    assert story.answer("solved", MINISTRY, story.petition, document=document()).accepted


def test_what_a_ministry_returns_is_the_provinces_again_and_may_be_sent_once_more() -> None:
    story = Story().taken_on()
    story.petition_ministry()
    story.approve(LEADER, story.petition)
    story.send(LEADER, story.petition)
    assert story.give_back(MINISTRY, story.petition).accepted
    assert (story.petition.state, story.state.holder_body) == ("returned", "38.so_khcn")
    assert story.petition_ministry(lead_body="bo_tai_chinh").accepted
    assert (story.petition.lead_body, story.state.holder_body) == ("bo_tai_chinh", "38.ubnd")


@pytest.mark.parametrize(
    ("kind", "lane", "lead"),
    [
        ("one_stop_system_error", "support", "38.so_khcn"),
        ("power_unstable", "support", "38.dien_luc"),
        ("interagency_delay", "guidance", "38.ttpvhcc"),
        ("digital_illiteracy", "guidance", "38.so_khcn"),
        ("newborn_personal_id", "guidance", "38.cong_an"),
        ("disaster_road_bridge", "phone_first", "38.so_xay_dung"),
        ("unclear", "guidance", "38.vp_ubnd"),
        ("a_kind_nobody_knows", "guidance", "38.vp_ubnd"),
    ],
)
def test_what_needs_no_document_is_at_its_helper_at_once_and_may_be_answered_at_once(
    kind: str, lane: str, lead: str
) -> None:
    story = Story(kind)
    assert (story.state.lane, story.root.state, story.root.lead_body) == (lane, "sent", lead)
    assert story.state.holder_body == lead
    assert {clock.clock for clock in story.state.clocks} == {"acknowledge", "first_answer"}
    helper = {"actor_role": "department_officer", "actor_unit": "38", "actor_body": lead}
    assert story.answer("guidance", helper).accepted
    assert story.confirm().accepted
    assert story.state.state == "closed"


def test_support_is_refused_without_a_document_where_a_proposal_needs_one() -> None:
    support, proposal = Story("one_stop_system_error"), Story().taken_on()
    assert support.answer("refused").accepted
    for kind in ("refused", "not_competent", "waiting_resources"):
        assert proposal.answer(kind).reason_code == "document_required"
    assert proposal.answer("refused", document=document()).accepted


def test_whoever_answers_for_another_body_shows_its_document() -> None:
    story = Story().taken_on()
    assert story.answer("solved", REVIEWER, on_behalf_of="38.so_khcn").reason_code == "document_required"
    assert story.answer("solved", REVIEWER, on_behalf_of="38.so_khcn", document=document()).accepted
    assert story.root.on_behalf_of == "38.so_khcn"


def test_a_proposal_is_accepted_before_it_is_answered() -> None:
    story = Story().on_its_way()
    assert story.answer("solved").reason_code == "illegal_transition"
    assert story.accept().accepted
    assert story.answer("solved").accepted


@pytest.mark.parametrize("kind", ["third_vice_chair", "border_security"])
def test_what_is_outside_takes_no_road_and_is_closed_with_the_proper_channel_named(kind: str) -> None:
    story = Story(kind)
    assert (story.state.state, story.state.closed_reason) == ("closed", "outside")
    assert (story.state.escalations, story.state.holder_body, story.state.clocks) == ((), None, ())
    assert story.state.verdict is not None
    assert "không gửi qua hệ thống này" in story.state.verdict.explanation_vi


def test_the_first_return_goes_to_the_provincial_office_which_names_the_lead() -> None:
    story = Story().on_its_way()
    returned = story.root
    assert story.give_back(SCIENCE).accepted
    assert (story.root.state, story.state.holder_body) == ("returned", "38.vp_ubnd")
    assert story.clock("arbitrate").state == "running"
    assert story.arbitrate("38.so_cong_thuong").accepted
    assert story.root.id != returned.id
    assert (story.root.state, story.root.replaces_id, story.state.holder_body) == (
        "sent",
        returned.id,
        "38.so_cong_thuong",
    )
    assert story.clock("arbitrate", returned).state == "met"
    assert story.clock("first_answer", returned).state == "stopped"
    assert story.clock("first_answer").state == "running"


def test_the_office_names_the_lead_of_what_it_was_asked_to_sort() -> None:
    story = Story("unclear")
    asked = story.root
    assert story.arbitrate("38.so_noi_vu").accepted
    assert (story.root.lead_body, story.root.formal) == ("38.so_noi_vu", False)
    sorted_one = story.state.escalation(asked.id)
    assert sorted_one is not None
    assert (sorted_one.state, sorted_one.replaced_by) == ("returned", story.root.id)


def test_what_was_passed_on_waits_for_the_office_and_not_for_the_commune() -> None:
    story = Story().taken_on()
    assert story.answer("passed_on").accepted
    assert (story.state.state, story.state.holder_body) == ("answered", "38.vp_ubnd")
    assert story.dispute().reason_code == "illegal_transition"
    assert story.arbitrate("38.so_xay_dung").accepted
    assert (story.state.state, story.state.holder_body) == ("received", "38.so_xay_dung")


def test_a_dispute_goes_to_the_same_body_once_then_to_the_office() -> None:
    story = Story().taken_on()
    story.answer("solved")
    assert story.dispute().accepted
    assert (story.state.state, story.root.state, story.state.holder_body) == (
        "disputed",
        "accepted",
        "38.so_khcn",
    )
    assert story.answer("guidance").accepted
    assert story.state.state == "solution_claimed"
    assert story.dispute().accepted
    assert (story.state.state, story.state.holder_body) == ("disputed", "38.vp_ubnd")
    assert story.answer("solved").reason_code == "illegal_transition"
    assert story.arbitrate("38.so_cong_thuong").accepted
    assert [clock.state for clock in story.state.clocks if clock.clock == "confirm"] == ["met", "met"]
    assert [clock.state for clock in story.state.clocks if clock.clock == "first_answer"] == [
        "met",
        "met",
        "running",
    ]


def test_other_answers_are_noted_and_the_commune_ends_what_was_refused() -> None:
    story = Story().taken_on()
    story.answer("refused", document=document())
    assert (story.state.state, story.state.holder_body) == ("answered", "15607.ubnd")
    assert story.confirm().reason_code == "illegal_transition"
    assert story.close("answered", CLERK).reason_code == "actor_not_entitled"
    assert story.close("answered").accepted
    assert (story.state.state, story.state.closed_reason) == ("closed", "answered")


def test_a_body_that_waits_for_resources_keeps_the_issue_and_its_promise_runs() -> None:
    story = Story().taken_on()
    story.answer("waiting_resources", document=document())
    assert (story.state.state, story.state.holder_body) == ("answered", "38.so_khcn")
    promise = story.clock("promise")
    assert (promise.state, promise.deadline_source) == ("running", "document")
    assert promise.due_at == dt.datetime(2025, 12, 1, 10, 0, tzinfo=dt.UTC)
    assert story.close("answered").reason_code == "illegal_transition"
    assert story.answer("solved").accepted
    assert story.clock("promise").state == "met"
    assert story.state.state == "solution_claimed"


def test_the_commune_may_withdraw_until_the_end() -> None:
    for story in (Story(), Story().on_its_way(), Story().taken_on()):
        assert story.withdraw().accepted
        assert (story.state.state, story.state.holder_body) == ("withdrawn", None)
        assert story.root.state == "withdrawn"
        assert not [clock for clock in story.state.clocks if clock.state == "running"]
        assert story.withdraw().reason_code == "illegal_transition"


@pytest.mark.parametrize("kind", ["solved", "refused", "waiting_resources"])
def test_what_was_answered_is_no_longer_withdrawn(kind: str) -> None:
    story = Story().taken_on()
    story.answer(kind, document=document())
    assert story.withdraw().reason_code == "illegal_transition"
    assert "withdraw" not in story.offered(CHAIR)


def test_silence_never_confirms() -> None:
    story = Story().taken_on()
    story.answer("solved")
    story.watched(story.clock("confirm").due_at + dt.timedelta(days=400))
    assert story.clock("confirm").state == "breached"
    assert (story.state.state, story.state.closed_reason) == ("solution_claimed", None)


def test_every_return_is_counted() -> None:
    story = Story().on_its_way()
    assert story.state.bounce_count == 0
    story.give_back()
    story.arbitrate("38.so_cong_thuong")
    other = {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.so_cong_thuong"}
    story.give_back(other)
    assert (story.state.bounce_count, story.state.holder_body) == (2, "38.vp_ubnd")
    story.arbitrate("38.so_xay_dung")
    third = {**other, "actor_body": "38.so_xay_dung"}
    story.accept(third)
    story.answer("passed_on", third)
    assert story.state.bounce_count == 3


def test_the_commune_may_solve_it_by_itself() -> None:
    story = Story("digital_illiteracy")
    assert story.close("resolved_by_commune").accepted
    assert (story.state.state, story.root.state) == ("closed", "withdrawn")


def test_a_withdrawn_proposal_leaves_the_issue_with_the_commune_which_may_propose_again() -> None:
    story = Story()
    assert story.take_back().accepted
    assert (story.state.state, story.state.holder_body) == ("received", "15607.ubnd")
    assert len(story.state.escalations) == 1
    assert story.propose("means", "38.so_khcn", OFFICER).accepted
    assert (story.root.state, story.root.formal) == ("proposed", True)


def test_withdrawing_takes_the_petition_to_the_ministry_along() -> None:
    story = Story().taken_on()
    story.petition_ministry()
    assert story.take_back().accepted
    assert {one.state for one in story.state.escalations} == {"withdrawn"}


def test_the_province_waits_for_the_ministry_before_it_answers() -> None:
    story = Story().taken_on()
    story.petition_ministry()
    assert story.answer("solved").reason_code == "illegal_transition"
    assert story.petition_ministry().reason_code == "illegal_transition"
    assert story.take_back(LEADER, story.petition).accepted
    assert story.answer("solved").accepted


def test_nothing_skips_the_province() -> None:
    story = Story()
    assert story.propose("means", "bo_khcn", CHAIR, level="ministry").reason_code == "level_skipped"
    assert story.propose("competence", "bo_khcn", SYSTEM).reason_code == "level_skipped"
    story.taken_on()
    assert story.petition_ministry(CHAIR).reason_code == "actor_not_entitled"
    assert story.petition_ministry(from_body="15607.ubnd").reason_code == "level_skipped"
    assert story.petition_ministry(from_body="40.ubnd").reason_code == "level_skipped"
    assert story.petition_ministry(lead_body="38.so_noi_vu").reason_code == "illegal_transition"
    assert not [one for one in story.state.escalations if one.level == "ministry"]


def test_a_province_that_has_not_accepted_cannot_petition() -> None:
    assert Story().on_its_way().petition_ministry().reason_code == "illegal_transition"


def test_a_known_event_changes_nothing_even_with_an_old_expected_version() -> None:
    story = Story()
    event = story.log[0]
    before = story.state
    state, outcome = fold(before, event.model_copy(update={"expected_version": 99}))
    assert (state, outcome.known, outcome.accepted) == (before, True, True)


def test_another_event_under_a_known_id_is_refused_and_is_no_repetition() -> None:
    story = Story().on_its_way()
    clock = story.clock("acknowledge")
    late = clock.due_at + dt.timedelta(days=1)
    breach = uuid5(clock.id, f"clock.breached:{clock.due_at.isoformat()}")
    # As a release recorded it that took a client's key for the id.
    assert story.acknowledge(id=breach).accepted
    first_answer = story.clock("first_answer")
    said = ClockBreached(
        data=ClockBreach(clock_id=first_answer.id, due_at=first_answer.due_at),
        **product_envelope.envelope("/vn/38/15607/watch", story.id, breach, late),
    )
    refused = fold(story.state, said)
    assert refused.outcome == Outcome(accepted=False, reason_code="id_taken")
    assert refused.state is not None
    assert refused.state.version == story.state.version
    again = fold(refused.state, said)
    assert again == (refused.state, Outcome(accepted=False, reason_code="id_taken", known=True))
    assert refused.state.outcome_of(breach, "escalation.acknowledged") == Outcome(accepted=True)
    assert notices_of(said, refused.state) == ()


def test_a_follow_up_whose_id_was_taken_is_said_all_the_same_and_once() -> None:
    reported = Story().log[0]
    state = fold(None, reported).state
    assert state is not None
    [assessed, *_] = owed(state, follow_up_tables())
    taken = replace(state, acts=(*state.acts, replace(state.acts[0], id=assessed.id, type="issue.withdrawn")))
    assert owed(taken, follow_up_tables())[0] == assessed
    refused = fold(taken, assessed).state
    assert refused is not None
    assert assessed not in owed(refused, follow_up_tables())


def test_the_first_of_two_who_saw_the_same_version_wins_and_the_other_hears_why() -> None:
    story = Story()
    seen = story.state.version
    assert story.approve(CHAIR, expected_version=seen).accepted
    late = uuid4()
    outcome = story.take_back(CHAIR, expected_version=seen, id=late)
    assert (outcome.accepted, outcome.reason_code) == (False, "version_conflict")
    assert story.root.state == "awaiting_document"
    assert [(act.id, act.refused) for act in story.state.rejected] == [(late, "version_conflict")]
    told = story.state.outcome_of(late)
    assert told is not None
    assert told.reason_code == "version_conflict"


def test_a_clock_that_starts_makes_no_version_stale() -> None:
    story = Story()
    seen = story.state.version
    assert story.approve(CHAIR, expected_version=seen).accepted
    assert story.send(CLERK, expected_version=seen + 1).accepted
    assert story.state.version == seen + 2
    assert len(story.state.clocks) == 3


@pytest.mark.parametrize(
    "actor",
    [
        OTHER_CHAIR,
        OFFICER,
        CLERK,
        REVIEWER,
        LEADER,
        SYSTEM,
        {"actor_role": "administrator", "actor_unit": "38"},
        {"actor_role": "auditor", "actor_unit": "38"},
        {},
    ],
)
def test_only_the_communes_own_chair_approves(actor: dict[str, str]) -> None:
    story = Story()
    assert story.approve(actor).reason_code == "actor_not_entitled"
    assert story.root.state == "proposed"


@pytest.mark.parametrize(
    "actor",
    [
        CHAIR,
        MINISTRY,
        {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.so_noi_vu"},
        {"actor_role": "department_officer", "actor_unit": "40", "actor_body": "40.so_khcn"},
        {"actor_role": "province_reviewer", "actor_unit": "40"},
        {**SCIENCE, "on_behalf_of": "38.so_noi_vu"},
        {**REVIEWER, "on_behalf_of": "bo_khcn"},
    ],
)
def test_only_who_speaks_for_the_lead_body_acknowledges(actor: dict[str, str]) -> None:
    assert Story().on_its_way().acknowledge(actor).reason_code == "actor_not_entitled"


def test_what_the_provincial_office_records_for_another_body_is_always_marked() -> None:
    story = Story().on_its_way()
    assert story.accept(REVIEWER).reason_code == "actor_not_entitled"
    assert story.accept(REVIEWER, on_behalf_of="38.so_khcn").accepted
    assert story.root.on_behalf_of == "38.so_khcn"
    assert story.petition_ministry(REVIEWER).accepted
    story.approve(LEADER, story.petition)
    story.send(REVIEWER, story.petition)
    assert story.acknowledge(REVIEWER, story.petition).reason_code == "actor_not_entitled"
    assert story.acknowledge(REVIEWER, story.petition, on_behalf_of="bo_khcn").accepted


def test_what_lies_with_the_provincial_office_is_its_own_to_answer() -> None:
    story = Story("unclear")
    assert story.answer("guidance", REVIEWER).accepted
    assert story.root.on_behalf_of is None


def test_a_province_confirms_for_a_commune_only_on_its_behalf() -> None:
    story = Story().taken_on()
    story.answer("solved")
    assert story.confirm(REVIEWER).reason_code == "actor_not_entitled"
    assert story.confirm(REVIEWER, on_behalf_of="15607.ubnd").accepted


def test_nobody_says_what_only_the_product_says() -> None:
    story = Story()
    clock, verdict = story.said[-1], story.said[0]
    for event in (clock, verdict):
        alien = event.model_copy(update={"id": uuid4(), "actor_role": "administrator"})
        assert fold(story.state, alien).outcome.reason_code == "actor_not_entitled"


@pytest.mark.parametrize("step", ["send", "acknowledge", "accept", "answer", "give_back"])
def test_a_proposal_that_is_not_approved_goes_nowhere(step: str) -> None:
    assert getattr(Story(), step)().reason_code == "illegal_transition"


def test_the_office_reminds_the_lead_once_on_a_day_and_nothing_moves() -> None:
    story = Story().taken_on()
    before = story.state
    assert story.remind().accepted
    after = story.state
    assert (after.version, after.escalations, after.clocks) == (
        before.version,
        before.escalations,
        before.clocks,
    )
    assert (after.acts[-1].type, after.acts[-1].escalation_id) == ("escalation.reminded", story.root.id)
    assert story.remind(LEADER).reason_code == "illegal_transition"
    story.now += dt.timedelta(days=1)
    assert story.remind(LEADER).accepted


@pytest.mark.parametrize("actor", [OFFICER, CHAIR, SCIENCE, MINISTRY])
def test_nobody_but_the_office_reminds(actor: dict[str, Any]) -> None:
    assert Story().taken_on().remind(actor).reason_code == "actor_not_entitled"


def test_a_body_is_reminded_of_its_own_step_alone() -> None:
    assert Story().remind().reason_code == "illegal_transition"  # it was never sent
    answered = Story().taken_on()
    answered.answer("solved", document=document())
    assert answered.remind().reason_code == "illegal_transition"
    petitioned = Story().taken_on()
    petitioned.petition_ministry()
    petitioned.approve(LEADER, petitioned.petition)
    petitioned.send(REVIEWER, petitioned.petition)
    assert petitioned.remind().reason_code == "illegal_transition"  # it waits for the ministry
    assert petitioned.remind(one=petitioned.petition).accepted


def test_a_step_on_an_escalation_that_is_not_there_is_refused() -> None:
    story, other = Story(), Story(name="another")
    assert story.approve(CHAIR, other.root).reason_code == "illegal_transition"


def test_a_report_comes_once_and_first() -> None:
    story = Story()
    again = story.log[0].model_copy(update={"id": uuid4()})
    assert fold(story.state, again).outcome.reason_code == "illegal_transition"
    folded = fold(None, story.log[1])
    assert (folded.state, folded.outcome.reason_code) == (None, "unknown_issue")
    alien = story.log[0].model_copy(update={"actor_unit": "14845"})
    assert fold(None, alien).outcome.reason_code == "actor_not_entitled"


def test_an_answer_recorded_in_time_takes_back_a_breach_that_was_noted_too_early() -> None:
    story = Story().on_its_way()
    clock = story.clock("first_answer")
    story.accept()
    breach = story.said[-1]  # any event of the product, for its envelope
    from events.clocks import ClockBreach, ClockBreached  # noqa: PLC0415 -- only this story breaches by hand

    story.apply(
        ClockBreached.model_validate(
            {
                **breach.model_dump(exclude={"data", "type", "dataschema"}),
                "id": uuid4(),
                "data": ClockBreach(clock_id=clock.id, due_at=clock.due_at),
            }
        )
    )
    assert story.clock("first_answer").state == "breached"
    assert story.answer("solved", recorded_at=clock.due_at - dt.timedelta(minutes=1)).accepted
    assert story.clock("first_answer").state == "met"


def test_a_step_after_its_due_instant_is_a_breach_even_if_nobody_watched() -> None:
    story = Story().taken_on()
    late = story.clock("first_answer").due_at + dt.timedelta(seconds=1)
    story.answer("solved", recorded_at=late)
    assert story.clock("first_answer").state == "breached"
    assert story.clock("first_answer").is_reminder


def test_the_state_comes_back_from_json_as_it_was() -> None:
    story = Story().taken_on()
    story.petition_ministry()
    story.approve(LEADER, story.petition)
    story.send(LEADER, story.petition)
    story.confirm()
    story.answer("refused", REVIEWER, story.petition, on_behalf_of="bo_khcn", document=document())
    story.answer("waiting_resources", document=document())
    assert IssueState.from_json(story.state.to_json()) == story.state


@pytest.mark.process
def test_threads_that_read_their_first_state_at_once_end_no_process() -> None:
    for _ in range(3):  # one of six went well where each thread built its own reader
        found = subprocess.run([sys.executable, "-m", "tests.reporting.first_readers"], cwd=ROOT, check=False)
        assert found.returncode == 0
