"""A missing follow-up of an issue is emitted once, from its cause and the tables of its day."""

from __future__ import annotations

import datetime as dt

import pytest

from events.clocks import ClockStarted
from events.escalations import EscalationProposed, EscalationReferred
from events.issues import IssueClosed, IssueCompetenceAssessed
from reporting.dated.calendar import local_day
from reporting.issues.fold import fold
from reporting.issues.follow_ups import owed
from tests.reporting.stories import CHAIR, MORNING, Story, document, follow_up_tables, tables

HOUR = dt.timedelta(hours=1)


def test_a_report_of_a_dead_spot_owes_a_verdict_a_proposal_and_the_chairs_reminder() -> None:
    reported = fold(None, Story().log[0]).state
    assert reported is not None
    found = owed(reported, follow_up_tables())
    assert [type(event) for event in found] == [IssueCompetenceAssessed, EscalationProposed, ClockStarted]
    assert {event.recorded_at for event in found} == {reported.reported_at}
    assert [event.causation_id for event in found[:2]] == [reported.acts[0].id, found[0].id]
    clock = found[2]
    assert isinstance(clock, ClockStarted)
    assert (clock.data.clock, clock.data.holder_body, clock.data.deadline_source) == (
        "approve",
        "15607.ubnd",
        "default",
    )
    assert clock.data.due_at == dt.datetime(2025, 10, 14, 10, tzinfo=dt.UTC)
    assert clock.data.calendar_version == tables().calendar.version


def test_only_a_proposal_is_proposed_all_else_is_referred() -> None:
    for kind in tables().competence.kinds(local_day(MORNING)):
        story = Story(kind.key)
        said = {type(event) for event in story.said}
        assert (EscalationProposed in said) == (kind.lane == "proposal")
        assert (EscalationReferred in said) == (kind.lane in {"support", "guidance", "phone_first"})
        assert (IssueClosed in said) == (kind.lane == "outside")


def test_saying_it_again_says_the_same() -> None:
    reported = fold(None, Story().log[0]).state
    assert reported is not None
    assert owed(reported, follow_up_tables()) == owed(reported, follow_up_tables())


def test_two_issues_never_share_an_id() -> None:
    one, other = Story(name="one"), Story(name="other")
    assert not {event.id for event in one.said} & {event.id for event in other.said}
    assert one.root.id != other.root.id


def test_the_first_answer_is_awaited_as_long_as_the_row_says_from_the_day_it_was_sent() -> None:
    story = Story().on_its_way()
    clock = story.clock("first_answer")
    assert (clock.days, clock.days_kind, clock.deadline_source) == (15, "working", "default")
    assert clock.started_at == story.root.sent_at
    due = tables().calendar.due(clock.started_at, 15)
    assert clock.due_at == due.due_at


def test_a_law_that_binds_the_commune_does_not_bind_who_guides_it() -> None:
    clock = Story("land_dispute").clock("first_answer")
    assert (clock.holder_body, clock.days, clock.deadline_source) == ("38.so_nnmt", 5, "default")


def test_the_guide_of_what_the_commune_decides_has_the_days_of_the_row_where_they_are_a_reminder() -> None:
    clock = Story("newborn_personal_id").clock("first_answer")
    assert (clock.holder_body, clock.days, clock.days_kind) == ("38.cong_an", 3, "working")


def test_an_acknowledgement_in_time_meets_its_clock() -> None:
    story = Story().on_its_way()
    assert story.clock("acknowledge").state == "running"
    story.acknowledge()
    assert (story.clock("acknowledge").state, story.clock("acknowledge").stopped_at) == ("met", story.now)


def test_each_round_has_a_clock_of_its_own_and_the_first_keeps_its_state() -> None:
    story = Story().taken_on()
    story.answer("solved")
    first = story.clock("first_answer")
    story.dispute()
    clocks = [clock for clock in story.state.clocks if clock.clock == "first_answer"]
    assert clocks[0] == first
    assert (clocks[1].state, clocks[1].started_at) == ("running", story.now)


def test_a_promise_without_a_document_is_a_reminder() -> None:
    story = Story("one_stop_system_error")
    story.answer("waiting_resources")
    assert story.clock("promise").deadline_source == "default"
    later = Story().taken_on()
    later.answer("waiting_resources", document=document())
    assert later.clock("promise").deadline_source == "document"


def test_a_promise_that_is_disputed_is_no_longer_owed() -> None:
    story = Story().taken_on()
    story.answer("waiting_resources", document=document())
    story.dispute()
    assert story.clock("promise").state == "stopped"
    assert story.clock("first_answer").state == "running"


def test_what_was_refused_is_not_said_again() -> None:
    story = Story()
    hasty = fold(None, story.log[0]).state
    assert hasty is not None
    said = owed(hasty, follow_up_tables())
    withdrawn = Story(name="withdrawn first")
    withdrawn.withdraw(CHAIR)
    gone = fold(hasty, withdrawn.log[-1].model_copy(update={"subject": str(story.id)})).state
    for event in said:
        assert gone is not None
        gone, outcome = fold(gone, event)
        assert not outcome.accepted or event.type == "clock.started"
    assert gone is not None
    assert owed(gone, follow_up_tables()) == []
    assert gone.rejected == ()  # what the product said too late is nobody's mistake


@pytest.mark.parametrize(("hour", "due_day"), [(1, 14), (9, 14), (11, 14)])
def test_a_clock_counts_local_working_days(hour: int, due_day: int) -> None:
    story = Story()
    at = dt.datetime(2025, 10, 13, hour, tzinfo=dt.UTC)
    first = story.log[0].model_copy(update={"time": at, "recorded_at": at})
    state = fold(None, first).state
    assert state is not None
    clock = owed(state, follow_up_tables())[-1]
    assert isinstance(clock, ClockStarted)
    assert local_day(clock.data.due_at) == dt.date(2025, 10, due_day)


def test_a_report_on_friday_evening_is_due_on_monday() -> None:
    at = dt.datetime(2025, 10, 17, 12, tzinfo=dt.UTC)
    state = fold(None, Story().log[0].model_copy(update={"time": at, "recorded_at": at})).state
    assert state is not None
    clock = owed(state, follow_up_tables())[-1]
    assert isinstance(clock, ClockStarted)
    assert local_day(clock.data.due_at) == dt.date(2025, 10, 20)
    assert clock.data.due_at - at > HOUR
