"""A report that its author corrects before anybody acknowledged it: what changes, who may, and what follows."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.fields import TextRef
from events.issues import REPORT_TEXTS
from events.signals import SignalRaised
from reporting.issues.fold import fold, fold_all
from reporting.issues.follow_ups import owed
from reporting.issues.state import IssueState
from reporting.notices import notices_of
from tests.reporting.stories import (
    CHAIR,
    CLERK,
    LEADER,
    OFFICER,
    REVIEWER,
    SCIENCE,
    TEXT,
    Story,
    follow_up_tables,
    rerouted,
)

REFS = st.integers(1, 10_000).map(lambda number: TextRef(id=UUID(int=number), sha256=f"{number:064x}"))
CHANGES = st.one_of(
    st.dictionaries(st.sampled_from(REPORT_TEXTS), REFS, min_size=1),
    st.fixed_dictionaries({"people_affected": st.integers(0, 500)}),
    st.fixed_dictionaries({"severity": st.sampled_from(["low", "medium", "high", "urgent"])}),
)
STRANGER = {"actor_role": "commune_officer", "actor_unit": "14845"}


def verdicts(story: Story) -> list[Any]:
    return [one for one in story.log if one.type == "issue.competence_assessed"]


def test_what_was_and_what_is_stand_beside_each_other_with_who_and_when() -> None:
    story = Story(people_affected=30)
    assert story.amend(changed={"people_affected": 300, "place": TEXT, "note": TEXT}).accepted
    (done,) = story.state.amended
    assert [(one.field, one.was, one.now) for one in done.facts] == [("people_affected", 30, 300)]
    assert [(one.field, one.was, one.now) for one in done.texts] == [("place", None, TEXT)]
    assert (done.at, done.actor_role, done.actor_unit) == (story.now, "commune_officer", "15607")
    assert (story.state.report.people_affected, story.state.report.place) == (300, TEXT)


@pytest.mark.parametrize("actor", [STRANGER, REVIEWER, LEADER, SCIENCE])
def test_nobody_but_the_unit_that_reported_corrects(actor: dict[str, str]) -> None:
    assert Story().amend(actor).reason_code == "actor_not_entitled"


@pytest.mark.parametrize("actor", [OFFICER, CLERK, CHAIR])
def test_each_who_may_report_corrects(actor: dict[str, str]) -> None:
    assert Story().amend(actor).accepted


def test_once_the_leader_approved_a_proposal_the_leader_alone_corrects_it_until_it_is_acknowledged() -> None:
    story = Story()
    story.on_its_way()
    assert story.amend(OFFICER).reason_code == "actor_not_entitled"
    assert story.amend(CHAIR).accepted
    assert story.root.state == "sent"
    assert story.acknowledge().accepted
    assert story.amend(CHAIR).reason_code == "illegal_transition"


def test_of_a_correction_and_an_acknowledgement_made_on_one_page_the_first_counts() -> None:
    story = Story("one_stop_system_error")
    version, lead = story.state.version, SCIENCE | {"actor_body": story.root.lead_body}
    assert story.acknowledge(lead, expected_version=version).accepted
    assert story.amend(expected_version=version).reason_code == "version_conflict"
    other = Story("one_stop_system_error", name="the other way round")
    version = other.state.version
    assert other.amend(changed={"place": TEXT}, expected_version=version).accepted
    assert other.acknowledge(lead, expected_version=version).reason_code == "version_conflict"


def test_a_lead_that_paused_its_time_has_read_the_report() -> None:
    story = Story()
    story.on_its_way()
    assert story.remind().accepted
    assert story.amend(CHAIR).accepted
    assert story.pause().accepted
    assert story.amend(CHAIR).reason_code == "illegal_transition"
    assert story.resume().accepted
    assert story.amend(CHAIR).reason_code == "illegal_transition"


def test_a_lead_that_confirmed_a_fault_has_read_the_report() -> None:
    story = Story("one_stop_system_error")
    assert story.confirm_fault().accepted
    assert story.clear_fault().accepted
    assert story.amend().reason_code == "illegal_transition"


def test_a_correction_that_changes_nothing_is_refused() -> None:
    story = Story(people_affected=3)
    assert story.amend(changed={"people_affected": 3}).reason_code == "illegal_transition"


def test_a_correction_answers_the_leader_who_asked_for_one() -> None:
    story = Story()
    story.ask_correction()
    assert story.amend(changed={"place": TEXT}).accepted
    assert story.root.state == "proposed"
    event = story.log[-1]
    assert [one.template for one in notices_of(event, story.state)] == ["approval_wanted"]
    assert story.approve().accepted


def test_a_signal_that_a_correction_brings_is_dated_and_caused_by_the_correction() -> None:
    story = Story(cases_blocked=1)
    assert "blocking" not in {one.said.trigger for one in story.state.signals}
    story.now += dt.timedelta(days=3)
    story.amend(changed={"cases_blocked": 100_000})
    correction = story.state.amended[0]
    story.amend(changed={"place": TEXT})
    (raised,) = [one for one in story.log if isinstance(one, SignalRaised)]
    assert (raised.data.trigger, raised.causation_id) == ("blocking", correction.id)
    assert raised.recorded_at == correction.at
    reported = Story(name="reported so", cases_blocked=100_000)
    assert [one.at for one in reported.state.signals] == [reported.state.reported_at]


def test_a_fact_on_which_competence_rests_is_assessed_anew_and_words_are_not() -> None:
    story = Story()
    story.amend(changed={"place": TEXT, "cases_overdue": 4})
    assert len(verdicts(story)) == 1
    story.amend(changed={"severity": "urgent"})
    first, second = verdicts(story)
    assert (first.data.facts.severity, second.data.facts.severity) == ("high", "urgent")
    assert second.data.table_version
    assert story.state.verdict == second.data
    assert story.state.reassess is None


def test_the_clocks_that_run_go_on_where_the_same_body_keeps_it() -> None:
    story = Story("one_stop_system_error")
    before = story.state.clocks
    assert story.amend(changed={"severity": "urgent"}).accepted
    assert story.state.clocks == before
    assert len(story.state.escalations) == 1


def test_where_another_body_becomes_competent_it_gets_the_hand_off_and_the_former_is_notified() -> None:
    story, verdict = rerouted()
    gone, fresh = story.state.escalations
    assert (gone.state, gone.replaced_by, fresh.state) == ("withdrawn", fresh.id, "proposed")
    assert (fresh.lead_body, story.state.holder_body) == (verdict.data.lead_body, "15607.ubnd")
    told = notices_of(verdict, story.state)
    assert [(one.template, one.recipient.body) for one in told] == [("withdrawn", gone.lead_body)]
    assert owed(story.state, follow_up_tables()) == []
    assert all(clock.stopped_at for clock in story.state.clocks if clock.escalation_id == gone.id)


def corrected_to(story: Story, lane: str, lead: str, changed: dict[str, Any]) -> None:
    """Correct the report, and let the new verdict name a body and a road."""
    story.now += dt.timedelta(days=1)
    state, log = story.state, list(story.log)
    story.amend(CHAIR, changed=changed)
    correction, verdict = story.log[len(log) : len(log) + 2]
    assert verdict.type == "issue.competence_assessed"
    story.log = [*log, correction]
    story._state, _ = fold(state, correction)
    said = verdict.data.model_copy(update={"lane": lane, "lead_body": lead, "other_bodies": ()})
    assert story.apply(verdict.model_copy(update={"data": said})).accepted


def test_a_body_that_is_named_again_keeps_the_time_it_had_and_what_was_overdue_stays_so() -> None:
    story = Story("one_stop_system_error")
    first = story.clock("first_answer", story.root)
    lane, lead = story.state.lane, story.root.lead_body
    assert lane is not None
    story.watched(first.due_at + dt.timedelta(days=1))
    assert story.clock("first_answer", story.root).state == "breached"
    other = next(body for body in ("38.so_khcn", "38.so_cong_thuong") if body != lead)
    corrected_to(story, "proposal", other, {"severity": "urgent"})
    assert story.clock("approve", story.root).due_at > story.now
    corrected_to(story, lane, lead, {"severity": "high"})
    again = story.clock("first_answer", story.root)
    assert again.id != first.id
    assert (again.started_at, again.due_at, again.warn_at) == (first.started_at, first.due_at, first.warn_at)
    story.watched(story.now)
    assert story.clock("first_answer", story.root).state == "breached"


ROADS = st.tuples(
    st.sampled_from(["support", "guidance", "proposal"]), st.sampled_from(["38.so_khcn", "38.so_cong_thuong"])
)


@given(st.lists(st.tuples(ROADS, st.booleans()), min_size=1, max_size=6))
def test_no_corrections_move_the_due_instant_of_a_body_and_road_later_than_the_first(
    steps: list[tuple[tuple[str, str], bool]],
) -> None:
    story = Story("one_stop_system_error")
    for number, ((lane, lead), sends) in enumerate(steps):
        corrected_to(story, lane, lead, {"severity": ("urgent", "high")[number % 2]})
        if sends and story.root.state == "proposed":
            story.on_its_way()
    by_id = {one.id: one for one in story.state.escalations}
    due: dict[tuple[str, bool, str], dt.datetime] = {}
    for clock in story.state.clocks:
        assert clock.escalation_id is not None
        one = by_id[clock.escalation_id]
        if clock.part == "approve" and one.approved_at is not None:
            continue  # a step that was taken and is to be taken anew has time of its own
        assert clock.due_at <= due.setdefault((one.lead_body, one.formal, clock.part), clock.due_at)


def test_the_body_that_has_the_signed_document_is_notified_of_a_correction() -> None:
    story = Story()
    assert story.amend().accepted
    assert notices_of(correction_in(story), story.state) == ()
    story.on_its_way()
    assert story.amend(CHAIR, {"place": TEXT}).accepted
    (told,) = notices_of(correction_in(story), story.state)
    assert (told.template, told.recipient.body) == ("report_corrected", story.root.lead_body)
    correction = correction_in(story)
    assert story.acknowledge().accepted
    assert notices_of(correction, story.state) == (told,)


def correction_in(story: Story) -> Any:
    return [one for one in story.log if one.type == "issue.corrected"][-1]


def test_a_verdict_on_facts_that_were_corrected_since_is_refused() -> None:
    story = Story()
    reported, assessed = story.log[0], verdicts(story)[0]
    correction = correction_of(story)
    state = fold_all([reported, correction])
    assert state is not None
    late, outcome = fold(state, assessed)
    assert outcome.reason_code == "illegal_transition"
    assert late is not None
    (fresh, *_) = owed(late, follow_up_tables())
    assert (fresh.type, fresh.causation_id) == ("issue.competence_assessed", correction.id)


def correction_of(story: Story) -> Any:
    story.amend(changed={"severity": "urgent"})
    return next(one for one in story.log if one.type == "issue.corrected")


@given(
    st.lists(st.tuples(CHANGES, st.sampled_from([OFFICER, CHAIR, CLERK, SCIENCE])), max_size=6), st.randoms()
)
def test_whatever_is_corrected_the_history_leads_back_to_what_was_reported(
    steps: list[tuple[dict[str, Any], dict[str, Any]]], chance: random.Random
) -> None:
    story = Story(people_affected=7, place=TEXT)
    reported = story.state.report
    for changed, actor in steps:
        story.amend(actor, changed)
    state = story.state
    back = state.report
    for done in reversed(state.amended):
        back = back.model_copy(update={one.field: one.was for one in done.facts})
        back = back.model_copy(update={one.field: one.was for one in done.texts})
    assert back == reported
    assert IssueState.from_json(state.to_json()) == state
    # Each event twice, the second time at any later place, changes nothing.
    twice = list(story.log)
    for event in story.log:
        at = twice.index(event)
        twice.insert(chance.randint(at + 1, len(twice)), event)
    assert fold_all(twice) == state
    # In any order at all the fold ends in some state, and two readers of one order agree.
    shuffled = [story.log[0], *chance.sample(story.log[1:], len(story.log) - 1)]
    assert fold_all(shuffled) == fold_all(shuffled)
