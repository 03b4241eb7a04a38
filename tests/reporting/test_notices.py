"""Notices: each cause notifies each body concerned once, the same at once and years later, never with a text."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest

from events.clocks import (
    ClockBreach,
    ClockBreached,
    ClockPause,
    ClockPaused,
    ClockReached,
    ClockReschedule,
    ClockRescheduled,
    ClockShare,
)
from events.envelope import Envelope
from events.faults import IssueReleased, IssueSuppressed, Released, Suppressed
from events.signals import Signal, SignalRaised
from events.sources import Heartbeat, Silence, SourceHeartbeat, SourceRecovered, SourceSilent
from reporting.issues.fold import act_of, fold
from reporting.issues.state import IssueState
from reporting.notice import Notice
from reporting.notices import leaders_of, notices_of
from tests.reporting.stories import (
    CHAIR,
    LEADER,
    MORNING,
    NAMES,
    REVIEWER,
    SCIENCE,
    SYSTEM,
    TEXT,
    Story,
    document,
)

OWN, OFFICE, LEAD = "15607.ubnd", "38.vp_ubnd", "38.so_khcn"


def notified(story: Story, event: Envelope | None = None) -> list[tuple[str, str]]:
    """Say what the last act of the story told whom."""
    last = event or next(one for one in reversed(story.log) if one.actor_role != "system")
    return [(one.template, one.recipient.body) for one in notices_of(last, story.state)]


def notified_by(event: Envelope, state: IssueState) -> list[tuple[str, str]]:
    return [(one.template, one.recipient.body) for one in notices_of(event, state)]


def envelope(story: Story, name: str) -> dict[str, Any]:
    """Say what surrounds an event that the product appends to a story."""
    return {
        "id": uuid5(story.id, name),
        "source": "/vn/38/15607",
        "subject": str(story.id),
        "partition_key": str(story.id),
        "time": story.now,
        "recorded_at": story.now,
        **SYSTEM,
    }


def breach(story: Story, name: str) -> Envelope:
    clock = story.clock(name)
    event = ClockBreached(
        id=uuid5(clock.id, "clock.breached"),
        source="/vn/38/15607/watch",
        subject=str(story.id),
        partition_key=str(story.id),
        time=clock.due_at,
        recorded_at=clock.due_at,
        actor_role="system",
        actor_unit="vn",
        data=ClockBreach(clock_id=clock.id, due_at=clock.due_at),
    )
    story.apply(event)
    return event


def test_a_proposal_waits_for_the_chair() -> None:
    story = Story()
    proposed = next(one for one in story.said if one.type == "escalation.proposed")
    (notice,) = notices_of(proposed, story.state)
    assert (notice.template, notice.recipient.body) == ("approval_wanted", OWN)
    assert notice.recipient.roles == ("commune_chair",)
    assert (notice.unit_code, notice.kind) == ("15607", "mobile_dead_spot")


def test_an_approved_proposal_waits_for_the_clerk() -> None:
    story = Story()
    story.approve()
    (notice,) = notices_of(story.log[-1], story.state) or notices_of(story.log[-2], story.state)
    assert (notice.template, notice.recipient.roles) == ("document_wanted", ("commune_clerk",))


def test_what_was_sent_is_told_to_the_body_that_leads() -> None:
    assert notified(Story().on_its_way()) == [("arrived", LEAD)]


def test_support_arrives_without_an_approval() -> None:
    story = Story("one_stop_system_error")
    referred = next(one for one in story.said if one.type == "escalation.referred")
    assert notified(story, referred) == [("arrived", story.root.lead_body)]


def test_a_return_tells_the_sender_and_asks_the_office_to_name_the_lead() -> None:
    story = Story().on_its_way()
    story.give_back()
    assert notified(story) == [("returned", OWN), ("lead_wanted", OFFICE)]
    story.arbitrate("38.so_cong_thuong")
    assert notified(story) == [("arrived", "38.so_cong_thuong")]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("solved", [("confirmation_wanted", OWN)]),
        ("guidance", [("confirmation_wanted", OWN)]),
        ("refused", [("answered", OWN)]),
        ("waiting_resources", [("answered", OWN)]),
        ("passed_on", [("answered", OWN), ("lead_wanted", OFFICE)]),
    ],
)
def test_an_answer_comes_down_to_the_commune(kind: str, expected: list[tuple[str, str]]) -> None:
    story = Story().taken_on()
    assert story.answer(kind, document=document()).accepted
    assert notified(story) == expected


def test_the_first_dispute_goes_to_the_same_body_and_the_second_to_the_office() -> None:
    story = Story().taken_on()
    story.answer("solved")
    story.dispute()
    assert notified(story) == [("disputed", LEAD)]
    story.answer("solved")
    story.dispute()
    assert notified(story) == [("lead_wanted", OFFICE)]


def test_the_answer_to_a_common_problem_comes_down_to_each_commune() -> None:
    story = Story().on_its_way()
    story.join()
    story.problem_answered("solved", 1)
    answered = next(one for one in story.log if one.type == "issue.problem_answered")
    assert notified(story, answered) == [("confirmation_wanted", OWN)]
    story.dispute()
    assert notified(story) == [("disputed", LEAD)]
    later = notified(story)
    story.unjoin()
    disputed = next(one for one in story.log if one.type == "issue.disputed")
    assert notified(story, disputed) == later


def test_the_answer_of_a_ministry_is_told_to_the_province_and_to_the_department_that_asked() -> None:
    story = Story().taken_on()
    story.petition_ministry()
    assert notified(story) == [("approval_wanted", "38.ubnd")]
    story.approve(LEADER, story.petition)
    assert notified(story) == [("document_wanted", "38.ubnd")]
    story.send(REVIEWER, story.petition)
    assert notified(story) == [("arrived", "bo_khcn")]
    story.answer("guidance", {**REVIEWER, "on_behalf_of": "bo_khcn"}, story.petition, document=document())
    assert notified(story) == [("answered", "38.ubnd"), ("answered", LEAD)]


def test_what_the_commune_takes_back_is_told_to_whoever_had_it_on_the_desk() -> None:
    story = Story().on_its_way()
    story.withdraw()
    assert notified(story) == [("withdrawn", LEAD)]


def test_what_was_never_sent_is_withdrawn_without_a_word_to_the_lead() -> None:
    story = Story()
    story.withdraw()
    assert notified(story) == []
    other = Story(name="other")
    other.take_back(CHAIR)
    assert notified(other) == []


def test_a_reminder_of_the_office_is_for_the_lead_body() -> None:
    story = Story().on_its_way()
    assert story.remind().accepted
    assert notified(story) == [("reminded", LEAD)]


def test_a_refused_act_tells_nobody() -> None:
    story = Story().on_its_way()
    assert not story.answer("solved", CHAIR).accepted
    assert notified(story) == []


def test_an_event_that_is_not_folded_tells_nobody() -> None:
    story = Story().on_its_way()
    other = Story(name="other")
    assert notices_of(story.log[-1], other.state) == ()
    assert notices_of(story.log[-1], None) == ()


def test_a_reminder_mark_is_not_called_overdue() -> None:
    story = Story().on_its_way()
    event = breach(story, "acknowledge")
    assert story.clock("acknowledge").is_reminder
    found = notices_of(event, story.state)
    assert [one.template for one in found] == ["reminder_passed", "reminder_passed"]
    assert [(one.recipient.body, one.recipient.roles) for one in found] == [
        (LEAD, ("department_leader",)),
        (OFFICE, ()),
    ]
    assert {one.detail for one in found} == {"acknowledge"}


def test_the_leaders_of_the_office_are_those_of_the_committee() -> None:
    assert leaders_of(OFFICE) == leaders_of("38.ubnd")
    assert leaders_of(OWN).roles == ("commune_chair",)
    assert leaders_of("bo_khcn").roles == ("ministry_officer",)


def test_urgent_matters_break_through() -> None:
    assert [
        one.urgent for one in notices_of(Story(severity="urgent").said[1], Story(severity="urgent").state)
    ]
    calm, urgent = Story().on_its_way(), Story(severity="urgent", name="urgent").on_its_way()
    assert [one.urgent for event in calm.log for one in notices_of(event, calm.state)] == [False] * 3
    assert all(one.urgent for event in urgent.log for one in notices_of(event, urgent.state))


@pytest.mark.parametrize(
    ("cls", "template"), [(SourceSilent, "source_silent"), (SourceRecovered, "source_recovered")]
)
def test_a_silent_source_is_told_to_the_operator_of_its_province(cls: Any, template: str) -> None:
    event = cls(
        id=uuid5(NAMES, template),
        source="/vn/38/15607/watch",
        subject="15607",
        partition_key="15607",
        time=MORNING,
        recorded_at=MORNING,
        actor_role="system",
        actor_unit="vn",
        data=Silence(unit_code="15607", last_seen_at=MORNING),
    )
    (notice,) = notices_of(event, None)
    assert (notice.template, notice.recipient.roles, notice.unit_code) == (
        template,
        ("administrator",),
        "15607",
    )
    assert notice.issue_id is None


def test_a_sign_of_life_tells_nobody() -> None:
    event = SourceHeartbeat(
        id=uuid5(NAMES, "alive"),
        source="/vn/38/15607",
        subject="15607",
        partition_key="15607",
        time=MORNING,
        recorded_at=MORNING,
        data=Heartbeat(unit_code="15607", outbox_count=0, release="1"),
    )
    assert notices_of(event, None) == ()


def long_story() -> Story:
    story = Story(name="long").on_its_way()
    story.give_back()
    story.arbitrate(LEAD)
    story.accept()
    story.answer("solved")
    story.dispute()
    story.answer("solved", {**SCIENCE, "actor_body": "38.so_cong_thuong"})
    story.answer("waiting_resources", document=document())
    story.answer("solved")
    story.dispute()
    story.arbitrate("38.so_cong_thuong")
    story.withdraw()
    return story


def test_a_replay_years_later_derives_the_same_notices() -> None:
    story = long_story()
    state: IssueState | None = None
    then: list[Notice] = []
    for event in story.log:
        state = fold(state, event).state
        then += notices_of(event, state)
    later = [notice for event in story.log for notice in notices_of(event, story.state)]
    assert later == then
    assert len(then) > 9


def test_no_two_notices_share_an_id_and_the_same_cause_gives_the_same_one() -> None:
    story = long_story()
    found = [notice for event in story.log for notice in notices_of(event, story.state)]
    assert len({notice.id for notice in found}) == len(found)
    again = [notice.id for event in story.log for notice in notices_of(event, story.state)]
    assert [notice.id for notice in found] == again


def test_a_notice_holds_no_text_and_no_reference_to_one() -> None:
    story = long_story()
    found = [asdict(notice) for event in story.log for notice in notices_of(event, story.state)]
    written = json.dumps(found, default=str)
    assert str(TEXT.id) not in written
    assert TEXT.sha256 not in written
    kinds = {type(value) for one in found for value in one.values()}
    assert kinds <= {UUID, str, bool, dt.datetime, dict, type(None)}


@pytest.mark.parametrize("mark", ["reminder", "warning"])
def test_before_the_end_only_the_holder_is_told(mark: Any) -> None:
    story = Story().on_its_way()
    clock = story.clock("acknowledge")
    at = clock.remind_at if mark == "reminder" else clock.warn_at
    said = ClockShare(clock_id=clock.id, mark=mark, reached_at=at)
    assert story.take(ClockReached, said, SYSTEM, recorded_at=at, time=at).accepted
    (notice,) = notices_of(story.log[-1], story.state)
    assert (notice.template, notice.recipient.body, notice.recipient.roles) == (mark, LEAD, ())
    assert notice.detail == "acknowledge"


def test_a_pause_is_told_to_the_commune_and_its_end_to_whoever_owes_the_step() -> None:
    story = Story().taken_on()
    clock = story.clock("first_answer")
    paused = ClockPaused(
        **envelope(story, "pause"),
        data=ClockPause(
            escalation_id=story.root.id,
            clock_ids=(clock.id,),
            pause_reason="upstream_fault",
            row_id="row",
            table_version="table",
        ),
    )
    state = msgspec.structs.replace(story.state, acts=(*story.state.acts, act_of(paused)))
    assert notified_by(paused, state) == [("paused", OWN)]
    on = ClockRescheduled(
        **envelope(story, "on"),
        data=ClockReschedule(
            clock_id=clock.id, due_at=clock.due_at, left_minutes=60, calendar_version="calendar"
        ),
    )
    state = msgspec.structs.replace(state, acts=(*state.acts, act_of(on)))
    assert notified_by(on, state) == [("resumed", LEAD)]


def test_a_common_fault_is_told_to_the_communes_that_wait_for_it() -> None:
    story = Story().on_its_way()
    fault = uuid5(NAMES, "fault")
    waits = IssueSuppressed(
        **envelope(story, "waits"),
        data=Suppressed(
            fault_id=fault,
            fault_issue_id=fault,
            fault_kind="power_unstable",
            path=("mobile_dead_spot", "power_unstable"),
            since=story.now,
            table_version="table",
        ),
    )
    goes_on = IssueReleased(**envelope(story, "goes on"), data=Released(fault_id=fault, until=story.now))
    state = msgspec.structs.replace(story.state, acts=(*story.state.acts, act_of(waits), act_of(goes_on)))
    assert notified_by(waits, state) == [("suppressed", OWN)]
    assert notified_by(goes_on, state) == [("released", OWN)]


def test_a_fault_and_its_end_are_told_where_it_is_felt_and_not_to_who_said_it() -> None:
    story = Story("power_unstable")
    assert story.confirm_fault(
        SCIENCE | {"actor_body": story.root.lead_body}, units=("15607", "15622")
    ).accepted
    felt = [("fault_confirmed", body) for body in (OWN, "15622.ubnd", OFFICE)]
    assert notified(story) == felt
    confirmed = story.log[-1]
    assert story.clear_fault(REVIEWER, on_behalf_of=story.root.lead_body).accepted
    assert notified(story) == [("fault_cleared", OWN), ("fault_cleared", "15622.ubnd")]
    assert notified(story, confirmed) == felt
    assert {one.escalation_id for one in notices_of(confirmed, story.state)} == {story.root.id}


def test_a_fault_of_a_whole_province_is_told_to_its_office_and_to_who_reported_it() -> None:
    story = Story("power_unstable")
    lead = SCIENCE | {"actor_body": story.root.lead_body}
    assert story.confirm_fault(lead, units=("38",)).accepted
    assert notified(story) == [("fault_confirmed", OWN), ("fault_confirmed", OFFICE)]


@pytest.mark.parametrize("end", ["confirm", "withdraw", "close"])
def test_a_fault_that_ends_with_its_issue_is_told_as_well_and_only_then(end: str) -> None:
    story = Story("power_unstable")
    lead = SCIENCE | {"actor_body": story.root.lead_body}
    assert story.confirm_fault(lead).accepted
    if end == "confirm":
        assert story.accept(lead).accepted
        assert story.answer(actor=lead).accepted
    ways = {
        "confirm": story.confirm,
        "withdraw": story.withdraw,
        "close": lambda: story.close("resolved_by_commune"),
    }
    assert ways[end]().accepted
    said = [one for event in story.log for one in notified(story, event) if one[0] == "fault_cleared"]
    assert said == [("fault_cleared", OFFICE)]


@pytest.mark.parametrize(
    ("trigger", "bodies"), [("blocking", [OFFICE]), ("outage_leader", [OFFICE, "38.ubnd"])]
)
def test_a_signal_is_told_to_the_provincial_office_and_its_leaders(trigger: Any, bodies: list[str]) -> None:
    story = Story().on_its_way()
    raised = SignalRaised(
        **envelope(story, "signal"),
        data=Signal(
            trigger=trigger,
            unit_code="15607",
            measured_count=6,
            threshold_count=5,
            measure="cases",
            row_id="row",
            table_version="table",
        ),
    )
    story.apply(raised)
    assert notified_by(raised, story.state) == [("signal", body) for body in bodies]
    assert {one.detail for one in notices_of(raised, story.state)} == {trigger}


def test_a_deadline_that_a_law_set_is_overdue() -> None:
    story = Story().on_its_way()
    event = breach(story, "acknowledge")
    clocks = tuple(msgspec.structs.replace(one, deadline_source="law") for one in story.state.clocks)
    state = msgspec.structs.replace(story.state, clocks=clocks)
    assert [one.template for one in notices_of(event, state)] == ["overdue", "overdue"]
