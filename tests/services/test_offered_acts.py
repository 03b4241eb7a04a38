"""An offered act is accepted, any other is refused: every act, of every role, in every state, at the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, get_args
from uuid import uuid5

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from events.fields import TextRef
from reporting.issues.fold import fold
from reporting.issues.state import Escalation, IssueState
from services.access.actors import Actor
from services.acting.act_inputs import (
    ESCALATION_INPUTS,
    ISSUE_INPUTS,
    EscalationAct,
    EscalationActInput,
    IssueAct,
    IssueActInput,
)
from services.acting.contents import (
    ESCALATION_ACTS,
    ISSUE_ACTS,
    escalation_content,
    issue_content,
)
from services.acting.context import ActContext, Content
from services.acting.recording import event_by, source_of
from services.acting.visible import allowed_to
from services.errors import ServiceError
from tests.reporting.stories import (
    A_LITTLE,
    CAUSE,
    LEADER,
    MINISTRY,
    NAMES,
    OFFICER,
    REVIEWER,
    Story,
    document,
    tables,
)
from tests.reporting.test_issue_machine import AnIssue

ACTORS = (
    Actor("commune_officer", "15607", "15607.ubnd"),
    Actor("commune_chair", "15607", "15607.ubnd"),
    Actor("commune_clerk", "15607", "15607.ubnd"),
    Actor("commune_chair", "14845", "14845.ubnd"),
    Actor("department_officer", "38", "38.so_khcn"),
    Actor("department_leader", "38"),
    Actor("department_officer", "38", "38.so_cong_thuong"),
    Actor("province_reviewer", "38", "38.vp_ubnd"),
    Actor("province_reviewer", "38"),
    Actor("province_leader", "38", "38.ubnd"),
    Actor("province_reviewer", "40", "40.vp_ubnd"),
    Actor("ministry_officer", "vn", "bo_khcn"),
    Actor("administrator", "38"),
    Actor("auditor", "38"),
)
FILLED_IN: dict[str, Any] = {
    "reason": "Đề nghị xem xét theo tình hình thực tế",
    "text": "Trả lời theo văn bản kèm theo",
    "kind": "solved",
    "people_affected": 4321,
    "document": {"kind": "official_letter", "number": "12/CV-UBND", "date": "2025-10-14"},
    "problem": str(CAUSE),
}
LEAD_OF_ACT = {"escalate": "bo_khcn", "arbitrate": "38.so_cong_thuong", "propose": "38.so_khcn"}
REASONS = ("waiting_applicant", "waiting_commune", "force_majeure", "upstream_fault", "waiting_operator")


def put(_text: str, purpose: str) -> TextRef:
    return TextRef(id=uuid5(NAMES, purpose), sha256="0" * 64)


AnInput = IssueActInput | EscalationActInput


def ways_to_fill_in(state: IssueState, one: Escalation | None, act: str) -> Iterator[AnInput]:
    """Name every way in which a person could fill in an act, as far as it decides whether the act is taken."""
    behalf = (None, state.own_body) if one is None else (None, state.own_body, one.lead_body)
    lasting = {pause.id for clock in state.clocks for pause in clock.pauses if pause.to_at is None}
    for body in behalf:
        for reason in REASONS if act == "pause" else (None,):
            for pause_id in lasting or (None,) if act == "resume" else (None,):
                chosen = {"pause_reason": reason, "pause_id": pause_id, "lead_body": LEAD_OF_ACT.get(act)}
                yield model_of(act, one).model_validate(
                    {**FILLED_IN, **chosen, "on_behalf_of": body, "expected_version": state.version}
                )


def is_taken(actor: Actor, state: IssueState, one: Escalation | None, act: str, at: dt.datetime) -> bool:
    """Tell whether the door takes an act, filled in one way or another: through its builders, and the fold."""
    return any(is_sent(actor, state, one, act, sent, at) for sent in ways_to_fill_in(state, one, act))


def is_sent(
    actor: Actor, state: IssueState, one: Escalation | None, act: str, sent: AnInput, at: dt.datetime
) -> bool:
    event_id = uuid5(state.id, f"{act} of {actor.role}")
    try:
        content = content_of(sent, one, ActContext(state, actor, sent, put, tables(), event_id, at))
    except ServiceError:
        return False
    event = event_by(
        actor,
        content,
        source=source_of(actor, tables().units),
        event_id=event_id,
        subject=state.id,
        now=at,
        expected_version=state.version,
        on_behalf_of=sent.on_behalf_of,
    )
    return fold(state, event).outcome.accepted


def model_of(act: str, one: Escalation | None) -> type[AnInput]:
    return ISSUE_INPUTS[act] if one is None else ESCALATION_INPUTS[act]


def content_of(sent: AnInput, one: Escalation | None, context: ActContext) -> Content:
    if isinstance(sent, IssueActInput):
        return issue_content(sent, context)
    assert one is not None
    return escalation_content(sent, context, one)


def compare(state: IssueState, at: dt.datetime, actor: Actor) -> None:
    for one in (None, *state.escalations):
        acts = ISSUE_ACTS if one is None else ESCALATION_ACTS
        offered = set(allowed_to(actor, state, one, tables(), at))
        taken = {act for act in acts if is_taken(actor, state, one, act, at)}
        assert offered == taken, (actor, state.state, one and one.state)


def _walked(*steps: Callable[[Story], Any], kind: str = "mobile_dead_spot") -> Story:
    story = Story(kind)
    for each in steps:
        outcome = each(story)
        assert isinstance(outcome, Story) or outcome.accepted
    return story


def _breached(story: Story) -> Story:
    story.watched(story.clock("first_answer").due_at + dt.timedelta(hours=1))
    return story


def _ran_out_unnoticed(story: Story) -> Story:
    story.now = story.clock("first_answer").due_at + dt.timedelta(hours=1)
    return story


DONE: dict[str, Any] = {"document": document()}
STORIES: dict[str, Callable[[], Story]] = {
    "proposed": Story,
    "referred": lambda: Story("one_stop_system_error"),
    "outside": lambda: Story("nobody_knows"),
    "phoned first": lambda: Story("landslide_relocation"),
    "to be corrected": lambda: _walked(Story.ask_correction),
    "corrected": lambda: _walked(Story.ask_correction, Story.correct),
    "amended": lambda: _walked(Story.amend),
    "amended as asked": lambda: _walked(Story.ask_correction, Story.amend),
    "approved": lambda: _walked(Story.approve),
    "sent": lambda: _walked(Story.on_its_way),
    "accepted": lambda: _walked(Story.taken_on),
    "reminded": lambda: _walked(Story.taken_on, Story.remind),
    "breached": lambda: _walked(Story.taken_on, _breached),
    "ran out": lambda: _walked(Story.taken_on, _ran_out_unnoticed),
    "paused": lambda: _walked(Story.taken_on, Story.pause),
    "paused twice": lambda: _walked(
        Story.taken_on,
        Story.pause,
        lambda story: story.pause("force_majeure", LEADER, on_behalf_of="38.so_khcn", document=document()),
    ),
    "suppressed": lambda: _walked(Story.taken_on, Story.suppress),
    "a fault": lambda: _walked(
        lambda story: story.confirm_fault({**OFFICER, **LEADER}, on_behalf_of=story.root.lead_body),
        kind="power_unstable",
    ),
    "returned": lambda: _walked(Story.on_its_way, Story.give_back),
    "arbitrated": lambda: _walked(
        Story.on_its_way, Story.give_back, lambda story: story.arbitrate("38.so_cong_thuong")
    ),
    "petitioned": lambda: _walked(Story.taken_on, Story.petition_ministry),
    "petition sent": lambda: _walked(
        Story.taken_on,
        Story.petition_ministry,
        lambda story: story.approve(LEADER, story.petition),
        lambda story: story.send(REVIEWER, story.petition),
    ),
    "petition answered": lambda: _walked(
        Story.taken_on,
        Story.petition_ministry,
        lambda story: story.approve(LEADER, story.petition),
        lambda story: story.send(REVIEWER, story.petition),
        lambda story: story.answer("guidance", MINISTRY, story.petition, **DONE),
    ),
    **{
        f"answered {kind}": lambda kind=kind: _walked(  # type: ignore[misc]
            Story.taken_on, lambda story: story.answer(kind, **DONE)
        )
        for kind in ("solved", "guidance", "passed_on", "not_competent", "waiting_resources", "refused")
    },
    "disputed": lambda: _walked(Story.taken_on, Story.answer, Story.dispute),
    "disputed twice": lambda: _walked(
        Story.taken_on, Story.answer, Story.dispute, Story.answer, Story.dispute
    ),
    "withdrawn": lambda: _walked(Story.withdraw),
    "taken back": lambda: _walked(Story.on_its_way, Story.take_back),
    "closed": lambda: _walked(Story.taken_on, Story.answer, Story.confirm),
    "joined": lambda: _walked(Story.taken_on, Story.join),
    "answered with all": lambda: _walked(
        Story.taken_on, Story.join, lambda story: story.problem_answered("solved", 1)
    ),
    "disputed what was for all": lambda: _walked(
        Story.taken_on, Story.join, lambda story: story.problem_answered("solved", 1), Story.dispute
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_whoever_is_offered_an_act_can_take_it_and_nobody_else(name: str) -> None:
    story = STORIES[name]()
    for actor in ACTORS:
        compare(story.state, story.now + A_LITTLE, actor)


def test_the_table_of_stories_reaches_every_act() -> None:
    found: set[str] = set()
    for make in STORIES.values():
        story = make()
        for actor in ACTORS:
            for one in (None, *story.state.escalations):
                found |= set(allowed_to(actor, story.state, one, tables(), story.now + A_LITTLE))
    assert found == set(get_args(IssueAct)) | set(get_args(EscalationAct))


class AnOfferedIssue(AnIssue):
    """The same people, in any order; now and then everything that one of them could try is tried."""

    @rule(actor=st.sampled_from(ACTORS), wait=st.integers(0, 50))
    def offered_and_taken(self, actor: Actor, wait: int) -> None:
        compare(self.story.state, self.story.now + dt.timedelta(hours=wait), actor)


AnOfferedIssue.TestCase.settings = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
)
TestAnOfferedIssue = AnOfferedIssue.TestCase
