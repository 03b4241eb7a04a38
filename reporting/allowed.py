"""Name the steps that can be taken now on an issue or an escalation, for pages and interfaces."""

from __future__ import annotations

from typing import Any, NamedTuple

from reporting import pauses, turns
from reporting.faults import may_clear_fault, may_confirm_fault
from reporting.issue_state import Escalation, IssueState
from reporting.joining import may_be_joined
from reporting.standing import PROPOSING, STANDING, Relation, may, may_as_any

_Table = dict[str, tuple[Relation, ...]]
_STEPS = {
    "approve": "escalation.approved",
    "send": "escalation.sent",
    "acknowledge": "escalation.acknowledged",
    "accept": "escalation.accepted",
    "return": "escalation.returned",
    "withdraw": "escalation.withdrawn",
}


class _Actor(NamedTuple):
    """The part of an envelope that the rules of standing read."""

    actor_role: str
    actor_unit: str | None
    actor_body: str | None
    delegated: bool = False
    on_behalf_of: str | None = None


def allowed_actions(
    state: IssueState,
    escalation: Escalation | None = None,
    *,
    role: str | None = None,
    unit_code: str | None = None,
    body: str | None = None,
    delegated: bool = False,
) -> tuple[str, ...]:
    """Name the steps in turn: on the issue itself, or on one of its escalations.

    On the issue: confirm, dispute, withdraw, close, propose, join, unjoin. On an escalation: approve, send,
    acknowledge, accept, return, withdraw, answer, escalate, arbitrate, pause, resume, confirm_fault, clear_fault.
    With a role, only what an actor of that role, unit and body may do, for itself or on behalf of the body concerned.

    Args:
        state: the issue.
        escalation: one of its escalations; without one the steps are those on the issue.
        role: of whoever asks, with its unit and body.
        unit_code: the unit it works in.
        body: the body it works in.
        delegated: a delegation lets this role approve today in its leader's stead.
    """
    found = _of_issue(state) if escalation is None else _of_escalation(state, escalation)
    if role is None:
        return tuple(found)
    actor = _Actor(role, unit_code, body, delegated)
    return tuple(name for name, table in found.items() if _could(state, escalation, actor, table))


def _could(state: IssueState, escalation: Escalation | None, actor: _Actor, table: _Table) -> bool:
    behalf = (None, state.own_body, *([escalation.lead_body] if escalation else ()))
    tried: Any = (actor._replace(on_behalf_of=body) for body in behalf)
    if escalation is None:
        return any(may_as_any(state, one, table) for one in tried)
    return any(may(state, one, table, escalation) for one in tried)


def _of_issue(state: IssueState) -> dict[str, _Table]:
    found: dict[str, _Table] = {}
    if state.joined is not None:
        # Also of an issue that is over: it may be found to have had another cause.
        found["unjoin"] = {role: how for role, how in STANDING["issue.unjoined"].items() if role != "system"}
    if not state.is_open:
        return found
    if state.state == "solution_claimed":
        found["confirm"] = STANDING["issue.confirmed"]
    if turns.may_dispute(state):
        found["dispute"] = STANDING["issue.disputed"]
    if turns.may_withdraw(state):
        found["withdraw"] = STANDING["issue.withdrawn"]
    if turns.closing_reasons(state) - {"confirmed", "outside"}:
        found["close"] = {role: how for role, how in STANDING["issue.closed"].items() if role != "system"}
    if turns.may_propose_for_means(state):
        found["propose"] = PROPOSING["means"]
    if may_be_joined(state):
        found["join"] = STANDING["issue.joined"]
    return found


def _of_escalation(state: IssueState, one: Escalation) -> dict[str, _Table]:
    if not state.is_open:
        return {}
    found = {
        name: STANDING[event_type]
        for name, event_type in _STEPS.items()
        if one.state in turns.STATES_BEFORE[event_type]
    }
    if turns.may_answer(state, one):
        found["answer"] = STANDING["escalation.answered"]
    if turns.may_petition(state, one):
        found["escalate"] = PROPOSING["petition"]
    if pauses.pausable(state, one):
        found["pause"] = STANDING["clock.paused"]
    if pauses.open_pauses(state, one):
        found["resume"] = STANDING["clock.resumed"]
    if may_confirm_fault(state, one):
        found["confirm_fault"] = STANDING["fault.confirmed"]
    if may_clear_fault(state, one):
        found["clear_fault"] = STANDING["fault.cleared"]
    if turns.may_arbitrate(state, one):
        found["arbitrate"] = PROPOSING["arbitration"]
    return found
