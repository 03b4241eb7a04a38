"""Fold the events of an issue, in the order of the log; refuse late, foreign and out-of-turn events.

The fold reads no table: a decision made from a table is itself an event. So a replay years later gives the
same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast
from uuid import UUID

from msgspec.structs import replace

from events.envelope import Envelope
from events.issues import IssueClosed, IssueReported
from events.signals import SignalRaised
from reporting.issues import amending, attachments, clocks, escalations, faults, joining
from reporting.issues.allowed import allowed_actions
from reporting.issues.escalations import Reason, end_all, put
from reporting.issues.permissions import STANDING, may
from reporting.issues.state import (
    ID_TAKEN,
    LIVE,
    QUIET,
    Act,
    Escalation,
    Holding,
    IssueState,
    Outcome,
    RaisedSignal,
    Round,
    met_before,
)
from reporting.issues.turns import closing_reasons, may_dispute, may_withdraw, waits_for_resources

__all__ = [
    "Escalation",
    "FoldedIssue",
    "IssueState",
    "Outcome",
    "Reason",
    "allowed_actions",
    "fold",
    "fold_all",
]

ACCEPTED = Outcome(accepted=True)


class FoldedIssue(NamedTuple):
    """The state after an event, and the outcome of the event."""

    state: IssueState | None
    outcome: Outcome


def fold(state: IssueState | None, event: Envelope) -> FoldedIssue:
    """Apply one event of an issue.

    A repeated event changes nothing, and is recognised before `expected_version` is checked. Another event
    under a known id is refused. A refused event leaves only its act with the reason. `state` is None before
    the issue was reported.
    """
    if state is None:
        return _first(event)
    met = met_before(state.acts, event.id, event.type)
    if met is not None:
        return FoldedIssue(state, met) if met.known else _refused(state, event, ID_TAKEN)
    if event.expected_version is not None and event.expected_version != state.version:
        return _refused(state, event, "version_conflict")
    changed = _apply(state, event)
    if isinstance(changed, str):
        return _refused(state, event, changed)
    counted = 0 if event.type in QUIET else 1
    settled = replace(
        changed,
        version=state.version + counted,
        updated_at=max(state.updated_at, event.recorded_at),
        acts=(*state.acts, act_of(event)),
        clocks=clocks.settle(changed),
    )
    return FoldedIssue(_held(settled, event), ACCEPTED)


def fold_all(events: Iterable[Envelope]) -> IssueState | None:
    """Fold a whole history from its beginning."""
    state: IssueState | None = None
    for event in events:
        state = fold(state, event).state
    return state


def _apply(state: IssueState, event: Envelope) -> IssueState | Reason:
    return STEPS[event.type](state, event)


def _step(state: IssueState, event: Envelope) -> IssueState | Reason:
    if not may(state, event, STANDING[event.type], None):
        return "actor_not_entitled"
    return _ISSUE_STEPS[event.type](state, event)


def _first(event: Envelope) -> FoldedIssue:
    if not isinstance(event, IssueReported):
        return FoldedIssue(None, Outcome(accepted=False, reason_code="unknown_issue"))
    at = event.recorded_at
    reported = IssueState(
        id=UUID(event.subject),
        unit_code=event.data.unit_code,
        province_code=event.province_code,
        report=event.data,
        state="received",
        version=0,
        reported_at=at,
        updated_at=at,
    )
    if event.expected_version not in {None, 0}:
        return FoldedIssue(None, Outcome(accepted=False, reason_code="version_conflict"))
    if not may(reported, event, STANDING[event.type], None):
        return FoldedIssue(None, Outcome(accepted=False, reason_code="actor_not_entitled"))
    return FoldedIssue(_held(replace(reported, version=1, acts=(act_of(event),)), event), ACCEPTED)


def _note_signal(state: IssueState, event: SignalRaised) -> IssueState | Reason:
    """Keep a signal for display; the level and the holder stay the same."""
    known = {one.said.trigger for one in state.signals}
    if not state.is_open or event.data.trigger in known:
        return "illegal_transition"
    return replace(state, signals=(*state.signals, RaisedSignal(said=event.data, at=event.recorded_at)))


def _confirm(state: IssueState, event: Envelope) -> IssueState | Reason:
    if state.state != "solution_claimed":
        return "illegal_transition"
    root, decided = state.root, joining.decided(state, "confirmed", event)
    if root is not None and root.state == "answered":
        decided = put(decided, replace(root, rounds=_decided(root, event)))
    return replace(end_all(decided, event), state="confirmed", ended_at=event.recorded_at)


def _dispute(state: IssueState, event: Envelope) -> IssueState | Reason:
    """Apply a dispute: the same body is asked once more, after that the provincial office."""
    if state.undecided is not None:
        return joining.dispute(state, event)
    root = state.root
    if root is None or not may_dispute(state):
        return "illegal_transition"
    at, rounds = event.recorded_at, _decided(root, event)
    if len(rounds) > 1:
        return put(state, replace(root, rounds=rounds, awaits_office_since=at), state="disputed")
    again = replace(root, state="accepted", rounds=(*rounds, Round(asked_at=at)))
    return put(state, again, state="disputed")


def _decided(root: Escalation, event: Envelope) -> tuple[Round, ...]:
    return (*root.rounds[:-1], replace(root.rounds[-1], decided_at=event.recorded_at))


def _withdraw(state: IssueState, event: Envelope) -> IssueState | Reason:
    if not may_withdraw(state):
        return "illegal_transition"
    gone = end_all(state, event)
    return replace(gone, state="withdrawn", ended_at=event.recorded_at)


def _close(state: IssueState, event: IssueClosed) -> IssueState | Reason:
    reason = event.data.reason_code
    if reason not in closing_reasons(state):
        return "illegal_transition"
    # The product closes confirmed issues and those of the lane `outside`; a person closes all others.
    if (event.actor_role == "system") != (reason in {"confirmed", "outside"}):
        return "actor_not_entitled"
    ended = end_all(state, event)
    return replace(ended, state="closed", closed_reason=reason, ended_at=state.ended_at or event.recorded_at)


def _again(_state: IssueState, _event: Envelope) -> Reason:
    return "illegal_transition"


_ISSUE_STEPS: dict[str, Callable[[IssueState, Any], IssueState | Reason]] = {
    "issue.reported": _again,
    "issue.competence_assessed": amending.assess,
    "issue.corrected": amending.step,
    "signal.raised": _note_signal,
    "issue.confirmed": _confirm,
    "issue.disputed": _dispute,
    "issue.withdrawn": _withdraw,
    "issue.closed": _close,
}

STEPS: dict[str, Callable[[IssueState, Any], IssueState | Reason]] = {
    **dict.fromkeys(_ISSUE_STEPS, _step),
    **dict.fromkeys(escalations.TYPES, escalations.step),
    **dict.fromkeys(clocks.TYPES, clocks.step),
    **dict.fromkeys(faults.TYPES, faults.step),
    **dict.fromkeys(joining.TYPES, joining.step),
    **dict.fromkeys(attachments.TYPES, attachments.step),
}
"""Type of event → the step that folds it into an issue."""


def _refused(state: IssueState, event: Envelope, reason: Reason) -> FoldedIssue:
    act = replace(act_of(event), refused=reason)
    return FoldedIssue(replace(state, acts=(*state.acts, act)), Outcome(accepted=False, reason_code=reason))


def _held(state: IssueState, event: Envelope) -> IssueState:
    """Set the holder, and add the holder to the ledger if it changed."""
    holder = holder_of(state)
    if state.holdings and holder == state.holder_body:
        return state
    # A step recorded earlier that arrives later takes over from here on: the ledger counts no hour twice.
    since = max(event.recorded_at, state.holdings[-1].since) if state.holdings else event.recorded_at
    held = Holding(body=holder, since=since)
    return replace(state, holder_body=holder, holdings=(*state.holdings, held))


def holder_of(state: IssueState) -> str | None:
    """Return the one body that has the next step; None once the issue ended."""
    if not state.is_open:
        return None
    if state.undecided is not None:
        return joining.holder_of(state, state.undecided)
    return _holder_on_its_road(state)


def _holder_on_its_road(state: IssueState) -> str:
    root = state.root
    if root is None or root.state in {"withdrawn", "closed"}:
        return state.own_body
    if root.awaits_office_since is not None:
        return state.office_body
    petition = state.petition_of(root)
    if petition is not None and petition.state in LIVE:
        # The province holds a petitioned issue until the ministry has accepted the petition.
        return petition.lead_body if petition.state == "accepted" else petition.from_body
    if root.state == "answered" and not waits_for_resources(root):
        return root.from_body
    return _holder_of_step(root)


def _holder_of_step(one: Escalation) -> str:
    return one.from_body if one.state in {"proposed", "in_correction", "awaiting_document"} else one.lead_body


def act_of(event: Envelope) -> Act:
    """Return an event as an act, the form in which an aggregate keeps it."""
    # Read from the payload's dict: asking a model for a field that it lacks costs more than the rest of the
    # fold.
    said = vars(cast("Any", event).data)
    return Act(
        id=event.id,
        type=event.type,
        at=event.time,
        recorded_at=event.recorded_at,
        actor_role=event.actor_role,
        actor_unit=event.actor_unit,
        actor_body=event.actor_body,
        on_behalf_of=event.on_behalf_of,
        escalation_id=said.get("escalation_id"),
        clock_id=said.get("clock_id"),
        text=said.get("text") or said.get("reason") or said.get("question") or said.get("note"),
        document=said.get("document"),
    )
