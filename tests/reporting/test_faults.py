"""A fault elsewhere: who confirms it, which issues wait for it, and that nothing is lost when it is cleared."""

from __future__ import annotations

import datetime as dt

import pytest

from reporting.dated.dependencies import LATE_REPORT, parse_dependencies
from reporting.errors import TableError
from reporting.issues.fold import fold, fold_all
from reporting.issues.state import IssueState
from tests.reporting.stories import CHAIR, MORNING, OFFICER, SCIENCE, Story, document, tables
from tests.reporting.tables import shipped

TIME = tables().working_time
DAY = dt.timedelta(days=1)
POWER = {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.dien_luc"}
ON = dt.date(2025, 10, 13)
KINDS = {row.kind.key for row in tables().competence.rows()}


def test_the_chain_runs_from_power_to_the_missing_report() -> None:
    follows = tables().dependencies.of_fault("power_unstable", ON)
    assert follows["mobile_dead_spot"] == ("mobile_dead_spot", "power_unstable")
    assert follows["no_fixed_internet"] == ("no_fixed_internet", "power_unstable")
    assert follows["one_stop_system_error"] == (
        "one_stop_system_error",
        "no_fixed_internet",
        "power_unstable",
    )
    assert follows[LATE_REPORT] == (LATE_REPORT, "no_fixed_internet", "power_unstable")
    assert "power_unstable" not in follows
    assert tables().dependencies.of_fault("staff_shortage", ON) == {}
    assert tables().dependencies.of_fault("power_unstable", dt.date(2020, 1, 1)) == {}


def test_a_chain_that_bites_its_tail_is_refused() -> None:
    table = shipped("dependencies.csv")
    for row in (
        "power_unstable,power_unstable",
        "power_unstable,no_fixed_internet",
        "no_such_kind,lgsp_outage",
    ):
        with pytest.raises(TableError):
            parse_dependencies(f"{table}{row},low,x,2025-01-01,\n", KINDS)


def test_the_power_company_confirms_its_fault_and_clears_it() -> None:
    story = Story("power_unstable")
    assert story.state.active_fault is None
    assert story.confirm_fault(POWER, units=("15607", "15622")).accepted
    fault = story.state.active_fault
    assert fault is not None
    assert (fault.unit_codes, fault.began_at, fault.confirmed_at) == (
        ("15607", "15622"),
        MORNING + dt.timedelta(minutes=5),
        story.now,
    )
    assert story.confirm_fault(POWER).reason_code == "illegal_transition"
    assert story.clear_fault(POWER).accepted
    assert story.state.active_fault is None
    assert story.clear_fault(POWER).reason_code == "illegal_transition"
    assert story.confirm_fault(POWER).accepted  # it went out again
    assert len(story.state.faults) == 2


@pytest.mark.parametrize("actor", [OFFICER, CHAIR, SCIENCE])
def test_only_the_lead_and_the_office_confirm_a_fault(actor: dict[str, str]) -> None:
    assert Story("power_unstable").confirm_fault(actor).reason_code == "actor_not_entitled"


@pytest.mark.parametrize("units", [("40",), ("vn",), ("15607", "01")])
def test_a_fault_lies_inside_its_province(units: tuple[str, ...]) -> None:
    assert Story("power_unstable").confirm_fault(POWER, units=units).reason_code == "illegal_transition"


def test_a_fault_ends_with_its_issue() -> None:
    story = Story("power_unstable")
    story.confirm_fault(POWER)
    story.answer("solved", POWER)
    assert story.state.active_fault is not None  # claimed is not confirmed
    story.confirm()
    assert story.state.state == "closed"
    assert story.state.active_fault is None
    assert story.state.faults[0].cleared_at is not None


def test_what_depends_on_a_fault_waits_and_goes_on_with_what_was_left() -> None:
    story = Story().taken_on()
    clock, seen = story.clock("first_answer"), story.state.version
    assert story.suppress().accepted
    since = story.state.suppressions[0].since
    assert (story.state.shown_state, story.state.state) == ("suppressed", "received")
    assert story.clock("first_answer").state == "paused"
    assert story.clock("first_answer").pauses[0].reason == "upstream_fault"
    assert story.state.version == seen  # nobody's act collides with it
    left = TIME.between(since, clock.due_at)
    story.now += 12 * DAY
    assert story.watched(story.now) == 0
    until = story.now - 2 * DAY  # it was mended before the watch came to say so
    assert story.release(until=until).accepted
    assert story.state.shown_state == "received"
    assert story.clock("first_answer").state == "running"
    assert TIME.between(until, story.clock("first_answer").due_at) == left


def test_two_faults_hold_it_until_both_are_mended() -> None:
    story = Story().taken_on()
    clock = story.clock("first_answer")
    story.suppress(1)
    since = story.state.suppressions[0].since
    story.now += DAY
    story.suppress(2)
    story.now += DAY
    story.release(1)
    assert (story.state.shown_state, story.clock("first_answer").state) == ("suppressed", "paused")
    story.now += DAY
    story.release(2)
    assert story.clock("first_answer").state == "running"
    assert TIME.between(
        story.now - dt.timedelta(minutes=5), story.clock("first_answer").due_at
    ) == TIME.between(since, clock.due_at)


def test_steps_may_be_taken_while_it_waits_and_their_clocks_stand_still_from_the_start() -> None:
    story = Story()
    story.suppress()
    assert story.approve().accepted
    assert story.send().accepted
    assert {clock.state for clock in story.state.clocks if clock.stopped_at is None} == {"paused"}
    assert story.accept().accepted
    assert story.answer("refused", document=document()).accepted
    assert story.clock("first_answer").state == "met"


def test_a_clock_that_had_run_out_is_not_excused_afterwards() -> None:
    story = Story().taken_on()
    late = story.clock("first_answer").due_at + DAY
    story.watched(late)
    story.suppress(since=late)
    assert story.clock("first_answer").state == "breached"


def test_it_waits_once_and_never_for_itself() -> None:
    story = Story().taken_on()
    assert story.suppress(fault_issue_id=story.id).reason_code == "illegal_transition"
    assert story.suppress(actor=SCIENCE).reason_code == "actor_not_entitled"
    assert story.suppress().accepted
    assert story.suppress().reason_code == "illegal_transition"
    assert story.release(2).reason_code == "illegal_transition"


def test_an_issue_that_ends_waits_for_nothing() -> None:
    story = Story().taken_on()
    story.suppress()
    story.withdraw()
    assert (story.state.suppressions, story.state.shown_state) == ((), "withdrawn")
    assert all(pause.to_at is not None for clock in story.state.clocks for pause in clock.pauses)
    assert story.release().reason_code == "illegal_transition"


def test_a_restart_and_a_replay_keep_it_waiting() -> None:
    """Elsewhere suppression was lost when the service started anew."""
    story = Story().taken_on()
    story.suppress()
    again = fold_all(story.log)
    assert again == story.state
    assert IssueState.from_json(story.state.to_json()).shown_state == "suppressed"
    for event in story.log:
        assert fold(story.state, event).outcome.known
