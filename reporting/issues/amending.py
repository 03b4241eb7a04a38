"""Corrections of a report by its author, and what a new verdict does to a hand-off that nobody has acknowledged."""

from __future__ import annotations

from uuid import UUID, uuid5

from msgspec.structs import replace

from events.issues import REPORT_FACTS, REPORT_TEXTS, ConsideredFacts, IssueCompetenceAssessed, IssueCorrected
from reporting.issues.amended import Amended, ChangedFact, ChangedText
from reporting.issues.escalations import Reason, put
from reporting.issues.permissions import STANDING, may
from reporting.issues.state import Escalation, IssueState
from reporting.issues.turns import amenders, lead_by_table, may_amend

_DECISIVE = frozenset(ConsideredFacts.model_fields) & frozenset(REPORT_FACTS)
"""Facts on which competence may rest: a correction of one of them is followed by a new verdict."""


def step(state: IssueState, event: IssueCorrected) -> IssueState | Reason:
    """Put the corrected texts and facts into the report; what they were is kept beside it."""
    if not may(state, event, STANDING[event.type], None) or not amenders(state, event.actor_role):
        return "actor_not_entitled"
    if not may_amend(state):
        return "illegal_transition"
    fresh = _fresh(state, event)
    if not fresh:
        return "illegal_transition"
    root = state.root
    waited = root is not None and root.state == "in_correction"
    done = Amended(
        id=event.id,
        at=event.recorded_at,
        actor_role=event.actor_role,
        actor_unit=event.actor_unit,
        facts=tuple(
            ChangedFact(field=name, was=getattr(state.report, name), now=getattr(event.data, name))
            for name in REPORT_FACTS
            if name in fresh
        ),
        texts=tuple(
            ChangedText(field=name, was=getattr(state.report, name), now=getattr(event.data, name))
            for name in REPORT_TEXTS
            if name in fresh
        ),
        note=event.data.note,
        answers=root.id if root is not None and waited else None,
    )
    changed = replace(
        state,
        report=state.report.model_copy(update=fresh),
        amended=(*state.amended, done),
        reassess=event.id if _DECISIVE & fresh.keys() else state.reassess,
    )
    if root is None or root.state not in {"proposed", "in_correction"}:
        return changed
    # The approve clock goes on: it is the same committee that has yet to let the proposal go.
    return put(changed, replace(root, state="proposed", drafted_by=event.actor_role))


def _fresh(state: IssueState, event: IssueCorrected) -> dict[str, object]:
    named = {name: getattr(event.data, name) for name in (*REPORT_FACTS, *REPORT_TEXTS)}
    return {
        name: value
        for name, value in named.items()
        if value is not None and value != getattr(state.report, name)
    }


def assess(state: IssueState, event: IssueCompetenceAssessed) -> IssueState | Reason:
    """Take the first verdict, or the one that a correction asks for; a verdict on facts that changed since is refused."""
    awaited = state.verdict is None if state.reassess is None else event.causation_id == state.reassess
    if not awaited or not state.is_open:
        return "illegal_transition"
    assessed = replace(state, verdict=event.data, assessed_by=event.id, reassess=None)
    root = state.root
    if root is None or root.trigger != "competence" or not may_amend(state) or root.ended_at is not None:
        return assessed
    return _handed_on(assessed, event, root)


def hand_off_of(assessed_by: UUID) -> UUID:
    """Return the id of the escalation that a verdict brings about."""
    return uuid5(assessed_by, "escalation")


def _handed_on(state: IssueState, event: IssueCompetenceAssessed, root: Escalation) -> IssueState:
    """Leave the hand-off where it is if the verdict names the same body and road; otherwise end it for the next one."""
    if root.lead_body == lead_by_table(state) and root.formal == (state.lane == "proposal"):
        return put(state, replace(root, basis=event.data.basis))
    gone = replace(root, state="withdrawn", ended_at=event.recorded_at, replaced_by=hand_off_of(event.id))
    return put(state, gone)
