"""The acts that a page offers to a role, the tabs of a queue, and the five numbers: from stories, without I/O."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from reporting.issues.need import open_clock, today_of
from reporting.issues.state import IssueState, Outcome
from services.access.actors import Actor
from services.web.figures import five_numbers as numbers
from services.web.figures.audited import Audited
from services.web.issues.desks import desk_of
from services.web.issues.offers import Offer, RefusedForm, offers_for
from services.web.issues.queue import Desk, tone_of_clock
from services.web.problems.page import spread_kinds
from services.web.shell.forms import Blank
from tests.reporting.stories import LEADER as LEADER_FIELDS
from tests.reporting.stories import MINISTRY as MINISTRY_FIELDS
from tests.reporting.stories import MORNING, REVIEWER, Story, document, tables

CHAIR = Actor("commune_chair", "15607", "15607.ubnd")
CLERK = Actor("commune_clerk", "15607", "15607.ubnd")
OFFICER = Actor("commune_officer", "15607", "15607.ubnd")
LEADER = Actor("province_leader", "38", "38.ubnd")
SCIENCE = Actor("department_officer", "38", "38.so_khcn")
OFFICE = Actor("province_reviewer", "38", "38.vp_ubnd")
AUDITOR = Actor("auditor", "38")
MINISTRY = Actor("ministry_officer", "vn", "bo_khcn")
LATER = MORNING + dt.timedelta(days=200)


def offered(state: IssueState, actor: Actor, refused: RefusedForm | None = None) -> dict[str, Offer]:
    found = offers_for(
        state, actor, tables(), base="/x", at=MORNING + dt.timedelta(days=1), lang="vi", refused=refused
    )
    return {offer.action: offer for offer in found}


def numbered(found: tuple[numbers.Number, ...]) -> dict[str, float | None]:
    return {number.key: number.value for number in found}


def test_the_chair_is_offered_the_approval_first_and_open() -> None:
    found = list(offered(Story().state, CHAIR).values())
    assert (found[0].action, found[0].open, found[0].primary) == ("approve", True, True)
    assert not any(offer.open for offer in found[1:])
    assert found[0].to_name == "Sở Khoa học và Công nghệ tỉnh Thanh Hóa"


def test_what_halts_or_ends_a_difficulty_never_stands_open_by_itself() -> None:
    sent = Story().on_its_way().state
    assert next(iter(offered(sent, OFFICER))) in {"close", "withdraw"}
    assert not any(offer.open or offer.primary for offer in offered(sent, OFFICER).values())
    petitioned = Story().taken_on()
    assert petitioned.petition_ministry().accepted
    assert not any(
        offer.open for offer in offered(petitioned.state, SCIENCE).values() if offer.action == "pause"
    )


def test_the_same_act_twice_has_two_places_and_says_whose_time_it_is() -> None:
    story = Story().taken_on()
    assert story.petition_ministry().accepted
    found = offers_for(story.state, LEADER, tables(), base="/x", at=MORNING + dt.timedelta(days=1), lang="vi")
    assert len({offer.anchor for offer in found}) == len(found)
    pauses = [offer for offer in found if offer.action == "pause"]
    assert [offer.anchor for offer in pauses] == ["act-pause", "act-pause-2"]
    assert {offer.to_name for offer in pauses} == {
        "Sở Khoa học và Công nghệ tỉnh Thanh Hóa",
        "UBND tỉnh Thanh Hóa",
    }


def test_a_province_petitions_by_letter_and_takes_a_petition_back() -> None:
    story = Story().taken_on()
    assert story.petition_ministry().accepted
    assert offered(story.state, LEADER)["withdraw"].about == "petition"
    assert story.approve(LEADER_FIELDS, story.state.escalations[-1]).accepted
    send = offered(story.state, OFFICE)["send"]
    assert (send.about, send.usual_document) == ("petition", "official_letter")
    asked = Story("one_stop_system_error").state
    assert {
        offer.about for offer in offers_for(asked, OFFICER, tables(), base="/x", at=MORNING, lang="vi")
    } == {
        "issue",
        "help",
    }
    commune = Story()
    assert commune.approve().accepted
    assert offered(commune.state, CLERK)["send"].usual_document == "proposal"


def test_whoever_has_no_part_is_offered_nothing() -> None:
    story = Story().taken_on()
    assert offered(story.state, AUDITOR) == {}
    assert offered(story.state, CLERK) == {}
    assert offered(story.state, MINISTRY) == {}


def test_sending_always_asks_for_the_document() -> None:
    story = Story()
    assert story.approve().accepted
    assert offered(story.state, CLERK)["send"].document == "required"


def test_the_office_records_for_a_department_with_a_document_and_the_department_without() -> None:
    state = Story().taken_on().state
    own, behalf = offered(state, SCIENCE)["answer"], offered(state, OFFICE)["answer"]
    assert (own.behalf, own.document) == (None, "optional")
    assert (behalf.behalf, behalf.document) == ("38.so_khcn", "required")


def test_a_question_of_how_to_do_it_asks_for_no_document() -> None:
    story = Story("one_stop_system_error")
    lead = story.root.lead_body
    answer = offered(story.state, Actor("department_officer", "38", lead)).get("answer")
    assert answer is not None
    assert answer.document == "none"


def test_a_petition_suggests_the_ministry_that_the_verdict_names() -> None:
    escalate = offered(Story().taken_on().state, SCIENCE)["escalate"]
    assert escalate.suggested == "bo_khcn"
    assert ("bo_khcn", "Bộ Khoa học và Công nghệ") in escalate.bodies


def test_a_petition_that_follows_another_suggests_the_body_of_that_one() -> None:
    story = Story().taken_on()
    assert story.petition_ministry(lead_body="bo_cong_thuong").accepted
    assert story.approve(LEADER_FIELDS, story.petition).accepted
    assert story.send(REVIEWER, story.petition).accepted
    of_trade = {**MINISTRY_FIELDS, "actor_body": "bo_cong_thuong"}
    assert story.answer("guidance", of_trade, story.petition, document=document()).accepted
    assert offered(story.state, SCIENCE)["escalate"].suggested == "bo_cong_thuong"


def test_what_is_returned_is_offered_to_the_office_with_the_body_that_was_proposed() -> None:
    story = Story().on_its_way()
    assert story.give_back().accepted
    arbitrate = offered(story.state, OFFICE)["arbitrate"]
    assert arbitrate.suggested == "38.so_cong_thuong"
    assert "38.so_khcn" not in dict(arbitrate.bodies)


def test_the_form_that_was_refused_stands_open_with_its_words() -> None:
    story = Story().on_its_way()
    typed = Blank(reason="không thuộc lĩnh vực")
    refused = RefusedForm("return", str(story.root.id), typed, Blank(reason="lỗi"))
    found = offered(story.state, SCIENCE, refused)
    assert [name for name, offer in found.items() if offer.open] == ["return"]
    assert found["return"].typed["reason"] == "không thuộc lĩnh vực"
    assert found["return"].errors["reason"] == "lỗi"


def desk(actor: Actor, *states: IssueState, now: dt.datetime = MORNING) -> Desk:
    return desk_of(actor, states, tables(), now)


def tabs_of(story: Story, now: dt.datetime = MORNING) -> set[str]:
    office = desk(OFFICE, story.state, now=now)
    return {view for view in office.views if office.count(view)}


def test_a_hand_off_moves_through_the_tabs() -> None:
    story = Story()
    assert tabs_of(story) == set()
    story.on_its_way()
    assert tabs_of(story) == {"open", "new", "near"}
    assert story.accept().accepted
    assert tabs_of(story) == {"open"}
    assert tabs_of(story, LATER) == {"open", "late"}
    assert story.petition_ministry().accepted
    assert tabs_of(story) == {"open", "petitions"}


def test_a_returned_hand_off_waits_under_its_tab_until_a_lead_is_named() -> None:
    story = Story().on_its_way()
    assert story.give_back().accepted
    assert tabs_of(story) == {"open", "returned", "unassigned"}
    assert story.arbitrate("38.so_cong_thuong").accepted
    assert tabs_of(story) == {"open", "new", "near"}


@pytest.mark.parametrize("ends", [Story.withdraw, lambda story: story.close("resolved_by_commune")])
def test_what_came_back_and_was_ended_by_the_commune_waits_for_nobody(
    ends: Callable[[Story], Outcome],
) -> None:
    story = Story().on_its_way()
    assert story.give_back().accepted
    assert numbered(numbers.of_coordinator(desk(OFFICE, story.state), 0, None))["returned"] == 1
    assert ends(story).accepted
    assert tabs_of(story) == set()
    assert numbered(numbers.of_coordinator(desk(OFFICE, story.state), 0, None))["returned"] == 0


def test_what_was_disputed_twice_waits_for_a_lead() -> None:
    story = Story().taken_on()
    for _ in range(2):
        assert story.answer().accepted
        assert story.dispute().accepted
    assert "unassigned" in tabs_of(story)
    found = numbered(numbers.of_coordinator(desk(OFFICE, story.state), 0, None))
    assert found["unassigned"] == 1


def test_a_petition_that_was_taken_back_waits_for_nobody() -> None:
    done, waits = Story(name="done").taken_on(), Story(name="waits").taken_on()
    assert done.petition_ministry().accepted
    assert done.take_back(LEADER_FIELDS, done.state.escalations[-1]).accepted
    assert waits.petition_ministry().accepted
    found = desk(OFFICE, done.state, waits.state).under("petitions")
    assert [item.issue.id for _, item in found] == [waits.state.id]


def test_a_department_sees_only_what_it_leads() -> None:
    story = Story().on_its_way()
    other = Actor("department_officer", "38", "38.so_noi_vu")
    assert desk(other, story.state).count("open") == 0
    assert desk(SCIENCE, story.state).count("open") == 1


def test_a_default_deadline_that_went_by_is_a_reminder_and_a_legal_one_is_overdue() -> None:
    state = Story().taken_on().state
    clock = open_clock(state, state.root)
    assert clock is not None
    assert clock.is_reminder
    seen = [
        today_of(at, tables().calendar) for at in (MORNING, clock.due_at - dt.timedelta(minutes=5), LATER)
    ]
    tones = [tone_of_clock(clock, today) for today in seen]
    assert tones == ["running", "approaching", "reminder_passed"]
    assert tone_of_clock(replace(clock, deadline_source="law"), seen[-1]) == "breached"


def _with_law(state: IssueState) -> IssueState:
    return replace(state, clocks=tuple(replace(clock, deadline_source="law") for clock in state.clocks))


def test_reminders_are_in_no_count_of_what_is_overdue() -> None:
    state = Story().taken_on().state
    for issue, overdue in ((state, 0), (_with_law(state), 1)):
        found = numbered(numbers.of_coordinator(desk(OFFICE, issue, now=LATER), 2, None))
        assert found["overdue_by_body"] == overdue
        assert (found["silent_units"], found["problems"]) == (None, 2)


def test_the_chairs_numbers_follow_the_proposal() -> None:
    story = Story()
    assert numbered(numbers.of_chair(desk(CHAIR, story.state), 4)) == {
        "waiting_approval": 1,
        "waiting_document": 0,
        "overdue_cases": 4,
        "unanswered_proposals": 0,
        "waiting_confirmation": 0,
    }
    story.taken_on()
    assert numbered(numbers.of_chair(desk(CHAIR, story.state), None))["unanswered_proposals"] == 1
    assert numbered(numbers.of_chair(desk(CHAIR, story.state), None))["overdue_cases"] is None
    assert story.answer().accepted
    found = numbered(numbers.of_chair(desk(CHAIR, story.state), 0))
    assert (found["unanswered_proposals"], found["waiting_confirmation"]) == (0, 1)


def test_one_kind_in_three_communes_may_be_one_problem() -> None:
    states = [
        replace(Story(name=code).state, unit_code=code) for code in ("15607", "15622", "15622", "14758")
    ]
    assert spread_kinds(states[:3], 3) == {}
    assert spread_kinds(states, 3) == {"mobile_dead_spot": 3}


def test_a_departments_numbers() -> None:
    story = Story().on_its_way()
    found = numbered(numbers.of_department(desk(SCIENCE, story.state), []))
    assert (found["newly_received"], found["dead_spots"], found["late_commitments"]) == (1, 0, 0)
    assert story.accept().accepted
    assert story.answer("waiting_resources", document=document()).accepted
    late = desk(SCIENCE, story.state, now=LATER)
    found = numbered(numbers.of_department(late, []))
    assert (found["newly_received"], found["dead_spots"], found["late_commitments"]) == (0, 0, 0)
    assert late.count("promise_late") == 1


def test_a_ministrys_numbers_count_what_was_sent_to_it_and_rank_no_reminder() -> None:
    story = Story().taken_on()
    assert story.petition_ministry().accepted
    empty = numbered(numbers.of_ministry(desk(MINISTRY, story.state, now=LATER), 0, None))
    assert (empty["unanswered"], empty["longest_wait"], empty["coverage"]) == (0, None, None)
    assert story.approve({**REVIEWER, "actor_role": "province_leader"}, story.petition).accepted
    assert story.send(REVIEWER, story.petition).accepted
    asked = numbered(numbers.of_ministry(desk(MINISTRY, story.state, now=LATER), 2, (1, 34)))
    assert (asked["unanswered"], asked["problems_in_five_provinces"]) == (1, 2)
    assert asked["longest_wait"] is not None
    assert asked["longest_wait"] > 150
    assert asked["coverage"] == 1 / 34
    assert story.answer("guidance", MINISTRY_FIELDS, story.petition, document=document()).accepted
    done = story.state
    assert numbered(numbers.of_ministry(desk(MINISTRY, done, now=LATER), 0, None))["on_time_share"] is None
    assert (
        numbered(numbers.of_ministry(desk(MINISTRY, _with_law(done), now=LATER), 0, None))["on_time_share"]
        == 1
    )


def test_an_auditor_sees_what_was_recorded_for_others_and_whose_figures_changed() -> None:
    story = Story().on_its_way()
    assert story.acknowledge(REVIEWER, on_behalf_of="38.so_khcn").accepted
    found = numbered(numbers.of_auditor(Audited([story.state]), exports=7, changed=3))
    assert found["recorded_on_behalf"] == 1
    assert found["exports"] == 7
    assert found["changed_after_closing"] == 3
