"""Return the steps that an actor can take now on an issue or an escalation, for pages and interfaces."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from reporting.dated.calendar import local_day
from reporting.dated.dependencies import Dependencies
from reporting.dated.pause_reasons import PauseReasons
from reporting.issues import pauses, turns
from reporting.issues.faults import may_clear_fault, may_confirm_fault
from reporting.issues.joining import may_be_joined
from reporting.issues.permissions import PROPOSING, STANDING, Relation, may, may_as_any
from reporting.issues.state import Escalation, IssueState

_Table = dict[str, tuple[Relation, ...]]
_STEPS = {
    "approve": "escalation.approved",
    "ask_correction": "escalation.correction_asked",
    "correct": "escalation.corrected",
    "send": "escalation.sent",
    "acknowledge": "escalation.acknowledged",
    "accept": "escalation.accepted",
    "return": "escalation.returned",
    "remind": "escalation.reminded",
    "withdraw": "escalation.withdrawn",
}

_ON_DRAFTS = frozenset({"ask_correction", "correct"})


class Occasion(NamedTuple):
    """The instant of an act, and the dated tables that matter besides the state of the issue."""

    at: dt.datetime
    pause_reasons: PauseReasons
    dependencies: Dependencies


class _Actor(NamedTuple):
    """The part of an envelope that the rules of permission read."""

    actor_role: str
    actor_unit: str
    actor_body: str | None
    delegated: bool = False
    on_behalf_of: str | None = None


def allowed_actions(
    state: IssueState,
    escalation: Escalation | None,
    occasion: Occasion,
    *,
    role: str,
    unit_code: str,
    body: str | None = None,
    delegated: bool = False,
) -> tuple[str, ...]:
    """Return the steps that an actor may take, for itself or on behalf of the body concerned.

    On the issue: amend, confirm, dispute, withdraw, close, propose, join, unjoin. On an escalation: approve,
    ask_correction, correct, send, acknowledge, accept, return, remind, withdraw, answer, escalate, arbitrate, pause, resume, confirm_fault, clear_fault.
    A returned step is accepted if it is filled in well; every other step is refused
    (tests/services/test_offered_acts.py).

    Args:
        state: the issue.
        escalation: one of its escalations; without one the steps are those on the issue.
        occasion: the instant, and the tables.
        role: the actor's role.
        unit_code: the actor's unit.
        body: the actor's body.
        delegated: a delegation lets this role approve today in its leader's stead.
    """
    actor = _Actor(role, unit_code, body, delegated)
    if escalation is None:
        behalf: tuple[str | None, ...] = (None, state.own_body)
        found = _of_issue(state)
    else:
        behalf = (None, state.own_body, escalation.lead_body)
        found = _of_escalation(state, escalation, occasion)
    speaking = [actor._replace(on_behalf_of=each) for each in behalf]
    able = {name: _able(state, speaking, table, escalation) for name, table in found.items()}
    if escalation is not None and not _has_a_reason(state, escalation, able.get("pause", []), occasion):
        able.pop("pause", None)
    return tuple(name for name, who in able.items() if who)


def _able(state: IssueState, speaking: list[_Actor], table: _Table, one: Escalation | None) -> list[_Actor]:
    tried: list[Any] = list(speaking)
    if one is None:
        return [each for each in tried if may_as_any(state, each, table)]
    return [each for each in tried if may(state, each, table, one)]


def _has_a_reason(state: IssueState, one: Escalation, able: list[_Actor], occasion: Occasion) -> bool:
    """Return whether a reason that one of these actors may give covers a clock that could stand still."""
    said_as = (
        pauses.pausers_of(each.actor_role, each.actor_unit, each.actor_body, each.on_behalf_of, one)
        for each in able
    )
    return any(pauses.reasons_for(state, one, who, occasion.pause_reasons, occasion.at) for who in said_as)


def _of_issue(state: IssueState) -> dict[str, _Table]:
    found: dict[str, _Table] = {}
    if state.joined is not None:
        # An ended issue too: people may find later that it had another cause.
        found["unjoin"] = {role: how for role, how in STANDING["issue.unjoined"].items() if role != "system"}
    if not state.is_open:
        return found
    if turns.may_amend(state):
        amend = STANDING["issue.corrected"]
        found["amend"] = {role: how for role, how in amend.items() if turns.amenders(state, role)}
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


def _of_escalation(state: IssueState, one: Escalation, occasion: Occasion) -> dict[str, _Table]:
    if not state.is_open:
        return {}
    found = {
        name: STANDING[event_type]
        for name, event_type in _STEPS.items()
        if one.state in turns.STATES_BEFORE[event_type]
        and (name not in _ON_DRAFTS or turns.may_be_corrected(one))
        and (name != "remind" or turns.may_remind(state, one, occasion.at))
    }
    if turns.may_answer(state, one):
        found["answer"] = STANDING["escalation.answered"]
    if turns.may_petition(state, one):
        found["escalate"] = PROPOSING["petition"]
    if pauses.unstopped(state, one):
        found["pause"] = STANDING["clock.paused"]
    if pauses.open_pauses(state, one):
        found["resume"] = STANDING["clock.resumed"]
    if may_confirm_fault(state, one) and occasion.dependencies.of_fault(
        state.report.kind, local_day(occasion.at)
    ):
        found["confirm_fault"] = STANDING["fault.confirmed"]
    if may_clear_fault(state, one):
        found["clear_fault"] = STANDING["fault.cleared"]
    if turns.may_arbitrate(state, one):
        found["arbitrate"] = PROPOSING["arbitration"]
    return found
