"""The steps of an escalation: the states from which each may be taken, its requirements, and its effect.

proposed (⇄ in_correction) → awaiting_document → sent → acknowledged → accepted → answered → closed; returned, withdrawn.
Each step returns the new state of the issue, or the reason of its refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from msgspec.structs import replace

from events.envelope import Envelope
from events.escalations import (
    EscalationAnswered,
    EscalationApproved,
    EscalationCorrected,
    EscalationCorrectionAsked,
    EscalationProposed,
    EscalationReferred,
    EscalationReminded,
    EscalationReturned,
    EscalationSent,
    Proposal,
)
from events.issues import REPORT_TEXTS
from reporting.dated.bodies import NATION, territory_of
from reporting.issues.permissions import PROPOSING, STANDING, may
from reporting.issues.state import LIVE, Escalation, Fault, GivenAnswer, IssueState, ReplacedText, Round
from reporting.issues.turns import (
    CONFIRMABLE,
    NEEDS_DOCUMENT,
    STATES_BEFORE,
    awaits_hand_off,
    may_answer,
    may_arbitrate,
    may_be_corrected,
    may_petition,
    may_propose_for_means,
    may_remind,
)

Reason = Literal[
    "version_conflict",
    "actor_not_entitled",
    "illegal_transition",
    "document_required",
    "level_skipped",
    "unknown_issue",
    "id_taken",
]
"""The reason of a refused event."""


def put(state: IssueState, escalation: Escalation, /, **changes: Any) -> IssueState:
    """Return the issue with one escalation replaced, and other fields changed."""
    others = tuple(escalation if one.id == escalation.id else one for one in state.escalations)
    return replace(state, escalations=others, **changes)


def step(state: IssueState, event: Envelope) -> IssueState | Reason:
    """Apply one step of an escalation."""
    if isinstance(event, EscalationProposed | EscalationReferred):
        return _propose(state, event) if isinstance(event, EscalationProposed) else _refer(state, event)
    about = state.escalation(cast("Any", event).data.escalation_id)
    if about is None:
        return "illegal_transition"
    if not may(state, event, STANDING[event.type], about):
        return "actor_not_entitled"
    if isinstance(event, EscalationAnswered):
        return _answer(state, event, about)
    in_turn = state.is_open and about.state in STATES_BEFORE[event.type]
    if isinstance(event, EscalationCorrectionAsked | EscalationCorrected):
        in_turn = in_turn and may_be_corrected(about)
    if isinstance(event, EscalationReminded):
        in_turn = in_turn and may_remind(state, about, event.recorded_at)
    return _STEPS[event.type](state, event, about) if in_turn else "illegal_transition"


def _propose(state: IssueState, event: EscalationProposed) -> IssueState | Reason:
    asked = event.data
    if (asked.level == "ministry" or territory_of(asked.lead_body) == NATION) and asked.trigger != "petition":
        return "level_skipped"
    parent = state.escalation(asked.parent_id) if asked.parent_id else None
    if not may(state, event, PROPOSING[asked.trigger], parent):
        return "actor_not_entitled"
    if not state.is_open or state.escalation(asked.escalation_id) is not None:
        return "illegal_transition"
    if asked.trigger == "petition":
        return _petition(state, event, parent)
    return _propose_to_province(state, event)


def _propose_to_province(state: IssueState, event: EscalationProposed) -> IssueState | Reason:
    asked = event.data
    inside = asked.level == "province" and territory_of(asked.lead_body) == state.province_code
    if not inside or asked.from_body != state.own_body or asked.parent_id is not None:
        return "illegal_transition"
    if asked.trigger == "arbitration":
        return _arbitrate(state, event)
    by_table = awaits_hand_off(state) and state.lane == "proposal"
    if not (by_table if asked.trigger == "competence" else may_propose_for_means(state)):
        return "illegal_transition"
    return replace(_begin(state, event, asked, formal=True), state="received")


def _petition(state: IssueState, event: EscalationProposed, parent: Escalation | None) -> IssueState | Reason:
    """Begin a petition to a ministry: by the issue's province, for an accepted escalation, one at a time."""
    asked = event.data
    if asked.from_body != f"{state.province_code}.ubnd" or parent is None:
        return "level_skipped"
    if asked.level != "ministry" or territory_of(asked.lead_body) != NATION:
        return "illegal_transition"
    if not may_petition(state, parent):
        return "illegal_transition"
    return _begin(state, event, asked, formal=True)


def _arbitrate(state: IssueState, event: EscalationProposed) -> IssueState | Reason:
    """Name the lead as the provincial office: of an escalation returned to it, or sent to it for sorting."""
    root = state.root
    if root is None or event.data.replaces_id != root.id or not may_arbitrate(state, root):
        return "illegal_transition"
    at = event.recorded_at
    named = replace(
        root,
        state="closed" if root.state == "answered" else "returned",
        acknowledged_at=root.acknowledged_at or at,
        ended_at=root.ended_at or at,
        awaits_office_since=None,
        office_named_at=at,
        replaced_by=event.data.escalation_id,
    )
    begun = _begin(put(state, named), event, event.data, formal=root.formal)
    fresh = begun.escalations[-1]
    return put(
        begun, replace(fresh, state="sent", sent_at=at, rounds=(Round(asked_at=at),)), state="received"
    )


def _refer(state: IssueState, event: EscalationReferred) -> IssueState | Reason:
    asked = event.data
    if not may(state, event, STANDING[event.type], None):
        return "actor_not_entitled"
    if asked.level != "province" or territory_of(asked.lead_body) != state.province_code:
        return "level_skipped"
    fits = state.lane in {"support", "guidance", "phone_first"} and asked.from_body == state.own_body
    if not state.is_open or not awaits_hand_off(state) or not fits:
        return "illegal_transition"
    at = event.recorded_at
    begun = Escalation(
        id=asked.escalation_id,
        state="sent",
        from_body=asked.from_body,
        lead_body=asked.lead_body,
        level=asked.level,
        trigger="competence",
        formal=False,
        proposed_at=at,
        sent_at=at,
        rounds=(Round(asked_at=at),),
        basis=asked.basis,
        question=asked.question,
    )
    return replace(state, escalations=(*state.escalations, begun))


def _begin(state: IssueState, event: Envelope, asked: Proposal, *, formal: bool) -> IssueState:
    begun = Escalation(
        id=asked.escalation_id,
        state="proposed",
        from_body=asked.from_body,
        lead_body=asked.lead_body,
        level=asked.level,
        trigger=asked.trigger,
        formal=formal,
        proposed_at=event.recorded_at,
        parent_id=asked.parent_id,
        replaces_id=asked.replaces_id,
        drafted_by=event.actor_role,
        basis=asked.basis,
        question=asked.question,
    )
    return replace(state, escalations=(*state.escalations, begun))


def _approve(state: IssueState, event: EscalationApproved, about: Escalation) -> IssueState:
    changed = replace(
        about,
        state="awaiting_document",
        approved_at=event.recorded_at,
        capacity=event.data.capacity,
        delegation=event.data.delegation,
    )
    return put(state, changed)


def _ask_correction(state: IssueState, event: EscalationCorrectionAsked, about: Escalation) -> IssueState:
    return put(state, replace(about, state="in_correction", correction_reason=event.data.reason))


def _correct(state: IssueState, event: EscalationCorrected, about: Escalation) -> IssueState:
    """Put the corrected texts into the report; what they replace is kept beside it."""
    named = {name: getattr(event.data, name) for name in REPORT_TEXTS}
    fresh = {name: ref for name, ref in named.items() if ref is not None}
    old = {name: getattr(state.report, name) for name in fresh}
    gone = tuple(
        ReplacedText(field=name, text=ref, until=event.recorded_at)
        for name, ref in old.items()
        if ref is not None
    )
    # The approve clock goes on: it is the same committee that has yet to let the proposal go.
    again = replace(about, state="proposed", drafted_by=event.actor_role)
    report = state.report.model_copy(update=fresh)
    return put(state, again, report=report, replaced=(*state.replaced, *gone))


def _send(state: IssueState, event: EscalationSent, about: Escalation) -> IssueState:
    at = event.recorded_at
    return put(
        state,
        replace(about, state="sent", sent_at=at, rounds=(Round(asked_at=at),), document=event.data.document),
    )


def _acknowledge(state: IssueState, event: Envelope, about: Escalation) -> IssueState:
    seen = replace(about, state="acknowledged", acknowledged_at=event.recorded_at)
    return put(state, replace(seen, on_behalf_of=event.on_behalf_of))


def _accept(state: IssueState, event: Envelope, about: Escalation) -> IssueState:
    at = about.acknowledged_at or event.recorded_at
    return put(state, replace(about, state="accepted", acknowledged_at=at, on_behalf_of=event.on_behalf_of))


def _return(state: IssueState, event: EscalationReturned, about: Escalation) -> IssueState:
    """Return an escalation to the provincial office; a petition returns to the province."""
    at = event.recorded_at
    changed = replace(
        about,
        state="returned",
        acknowledged_at=about.acknowledged_at or at,
        ended_at=at,
        return_reason=event.data.reason,
        proposed_body=event.data.proposed_body,
        on_behalf_of=event.on_behalf_of,
        awaits_office_since=at if about.parent_id is None else None,
    )
    return put(state, changed)


def _answer(state: IssueState, event: EscalationAnswered, about: Escalation) -> IssueState | Reason:
    said, at = event.data, event.recorded_at
    if not state.is_open or not may_answer(state, about):
        return "illegal_transition"
    asked_for = about.level == "ministry" or event.on_behalf_of is not None
    if said.document is None and (asked_for or (about.formal and said.answer_kind in NEEDS_DOCUMENT)):
        return "document_required"
    given = GivenAnswer(
        kind=said.answer_kind,
        at=at,
        text=said.text,
        document=said.document,
        expected_on=said.expected_on,
        on_behalf_of=event.on_behalf_of,
    )
    asked = about.rounds[-1]
    passed_on = about.parent_id is None and said.answer_kind == "passed_on"
    changed = replace(
        about,
        state="answered",
        answer=given,
        acknowledged_at=about.acknowledged_at or at,
        rounds=(*about.rounds[:-1], replace(asked, answered_ats=(*asked.answered_ats, at))),
        on_behalf_of=event.on_behalf_of,
        awaits_office_since=at if passed_on else None,
    )
    if about.parent_id is not None:
        return put(state, changed)
    return put(state, changed, state="solution_claimed" if said.answer_kind in CONFIRMABLE else "answered")


def _remind(state: IssueState, _event: EscalationReminded, _about: Escalation) -> IssueState:
    """Return the issue as it is: a reminder stands among its acts, and moves nothing."""
    return state


def _withdraw(state: IssueState, event: Envelope, about: Escalation) -> IssueState:
    """Withdraw an escalation, and the petition made for it."""
    gone = tuple(
        replace(one, state="withdrawn", ended_at=event.recorded_at)
        if one.id == about.id or (one.parent_id == about.id and one.state in LIVE)
        else one
        for one in state.escalations
    )
    return replace(state, escalations=gone)


def end_all(state: IssueState, event: Envelope) -> IssueState:
    """End live escalations, close answered ones, clear faults and drop suppressions, as the issue ends."""
    ended = tuple(_ended(one, event) for one in state.escalations)
    faults = tuple(one if one.cleared_at is not None else mended(one, event) for one in state.faults)
    return replace(state, escalations=ended, faults=faults, suppressions=())


def mended(fault: Fault, event: Envelope) -> Fault:
    """Return the fault as cleared by an event."""
    return replace(fault, cleared_at=max(event.recorded_at, fault.confirmed_at), cleared_by=event.id)


def _ended(one: Escalation, event: Envelope) -> Escalation:
    ended = replace(one, awaits_office_since=None)
    if one.state in LIVE:
        return replace(ended, state="withdrawn", ended_at=event.recorded_at)
    return replace(ended, state="closed", ended_at=event.recorded_at) if one.state == "answered" else ended


_STEPS: dict[str, Callable[[IssueState, Any, Escalation], IssueState]] = {
    "escalation.approved": _approve,
    "escalation.correction_asked": _ask_correction,
    "escalation.corrected": _correct,
    "escalation.sent": _send,
    "escalation.acknowledged": _acknowledge,
    "escalation.accepted": _accept,
    "escalation.returned": _return,
    "escalation.reminded": _remind,
    "escalation.withdrawn": _withdraw,
}

TYPES: tuple[str, ...] = (
    "escalation.proposed",
    "escalation.referred",
    "escalation.answered",
    *_STEPS,
)
"""The types of event that are folded here."""
