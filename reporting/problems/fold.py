"""Fold the events of a problem into its state: the common cause, the member issues, the answers.

The numbers of answered and of confirming communes are not kept here. They are counted from the issues
(queries/problem_counts.sql), so that a thousand confirmations rewrite a thousand rows once, not one row a
thousand times.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from events.envelope import Envelope
from events.fields import TextRef
from events.problems import (
    ProblemAnswered,
    ProblemClosed,
    ProblemMemberAdded,
    ProblemMemberRemoved,
    ProblemOpened,
    ProblemRenamed,
)
from reporting.dated.bodies import NATION, territory_of
from reporting.issues.fold import ACCEPTED, act_of
from reporting.issues.permissions import DEPARTMENT_ROLES, OFFICE_ROLES
from reporting.issues.state import ID_TAKEN, Act, GivenAnswer, Outcome, met_before, outcome_in
from reporting.issues.state_json import reader_of, write_state
from reporting.issues.turns import NEEDS_DOCUMENT

Refusal = Literal[
    "version_conflict",
    "actor_not_entitled",
    "illegal_transition",
    "document_required",
    "level_skipped",
    "unknown_problem",
    "other_scope",
    "id_taken",
]
"""The reason of a refused event."""

_LEADS = DEPARTMENT_ROLES | {"ministry_officer"}
_PEOPLE = OFFICE_ROLES | _LEADS
_PRODUCT = frozenset({"system"})

ROLES: dict[str, frozenset[str]] = {
    "problem.opened": _PEOPLE,
    "problem.renamed": _PEOPLE,
    "problem.member_added": _PRODUCT,
    "problem.member_removed": _PRODUCT,
    "problem.answered": _PEOPLE,
    "problem.withdrawn": _PEOPLE,
    "problem.closed": _PEOPLE,
}
"""Type of event → the roles that may say it; `may_act` asks people for their province and body as well."""


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One issue with this cause; `joined_by` names its membership."""

    issue_id: UUID
    joined_by: UUID
    unit_code: str
    province_code: str
    added_at: dt.datetime


class Answered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer to the problem; the last one holds."""

    id: UUID
    number: int
    body: str
    given: GivenAnswer


class ProblemState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One problem, folded from its events.

    Attributes:
        scope: the province whose communes it may hold, or `vn`.
        lead_body: the body that answers.
        state: open, answered, withdrawn or closed.
        version: number of accepted events of people, so that a new member never makes a person's act
            conflict.
        gone: memberships that ended, by the event that began each; one that ended before it was added never begins.
    """

    id: UUID
    scope: str
    kind: str
    lead_body: str
    title: TextRef
    state: str
    version: int
    opened_at: dt.datetime
    updated_at: dt.datetime
    members: tuple[Member, ...] = ()
    gone: tuple[UUID, ...] = ()
    answers: tuple[Answered, ...] = ()
    acts: tuple[Act, ...] = ()

    @property
    def answer(self) -> Answered | None:
        """Return the answer that holds."""
        return self.answers[-1] if self.answers else None

    @property
    def is_live(self) -> bool:
        """Return whether issues can be joined to the problem."""
        return self.state in {"open", "answered"}

    def outcome_of(self, event_id: UUID, event_type: str | None = None) -> Outcome | None:
        """Return the outcome of an event; None where it has not been folded."""
        return outcome_in(self.acts, event_id, event_type)

    def to_json(self) -> bytes:
        """Return the whole state as JSON."""
        return write_state(self)

    @staticmethod
    def from_json(value: bytes | str) -> ProblemState:
        """Return the state that `to_json` wrote.

        Raises:
            msgspec.ValidationError: the value is not the state of a problem.
        """
        return _read(value)


_read = reader_of(ProblemState)


class FoldedProblem(NamedTuple):
    """The state after an event, and the outcome of the event."""

    state: ProblemState | None
    outcome: Outcome


def fold(state: ProblemState | None, event: Envelope) -> FoldedProblem:
    """Apply one event of a problem; the rules of repetition and version are those of issues.

    `state` is None before the problem was opened.
    """
    if state is None:
        return _open(event)
    met = met_before(state.acts, event.id, event.type)
    if met is not None and met.known:
        return FoldedProblem(state, met)
    changed = ID_TAKEN if met is not None else _apply(state, event)
    act = act_of(event)
    if isinstance(changed, str):
        refused = replace(state, acts=(*state.acts, replace(act, refused=changed)))
        return FoldedProblem(refused, Outcome(accepted=False, reason_code=changed))
    counted = 0 if ROLES[event.type] is _PRODUCT else 1
    return FoldedProblem(
        replace(
            changed,
            version=state.version + counted,
            updated_at=max(state.updated_at, event.recorded_at),
            acts=(*state.acts, act),
        ),
        ACCEPTED,
    )


def may_act(
    role: str | None,
    unit_code: str | None,
    body: str | None,
    behalf: str | None,
    *,
    scope: str,
    lead_body: str,
) -> bool:
    """Return whether an actor may act on a problem: its province, or the body that leads.

    Args:
        body: the actor's body; a role without a body acts for every body of its unit.
        behalf: the body for which the actor records.
    """
    if behalf not in {None, lead_body} or unit_code != scope:
        return False
    return role in OFFICE_ROLES or (role in _LEADS and body in {None, lead_body})


def allowed_on_problem(
    state: ProblemState, *, role: str, unit_code: str, body: str | None
) -> tuple[str, ...]:
    """Return the steps that an actor may take: these are accepted if filled in well, and no others are."""
    entitled = may_act(role, unit_code, body, None, scope=state.scope, lead_body=state.lead_body)
    if not entitled or state.state == "withdrawn":
        return ()
    found = ["answer"]
    if state.is_live:
        found += ["rename", "withdraw"]
    if state.state == "answered":
        found.append("close")
    return tuple(found)


def _open(event: Envelope) -> FoldedProblem:
    if not isinstance(event, ProblemOpened):
        return FoldedProblem(None, Outcome(accepted=False, reason_code="unknown_problem"))
    said = event.data
    if event.expected_version not in {None, 0}:
        return FoldedProblem(None, Outcome(accepted=False, reason_code="version_conflict"))
    if territory_of(said.lead_body) != said.scope:
        return FoldedProblem(None, Outcome(accepted=False, reason_code="level_skipped"))
    if not _entitled(event, said.scope, said.lead_body):
        return FoldedProblem(None, Outcome(accepted=False, reason_code="actor_not_entitled"))
    opened = ProblemState(
        id=UUID(event.subject),
        scope=said.scope,
        kind=said.kind,
        lead_body=said.lead_body,
        title=said.title,
        state="open",
        version=1,
        opened_at=event.recorded_at,
        updated_at=event.recorded_at,
        acts=(act_of(event),),
    )
    return FoldedProblem(opened, ACCEPTED)


def _apply(state: ProblemState, event: Envelope) -> ProblemState | Refusal:
    if event.expected_version is not None and event.expected_version != state.version:
        return "version_conflict"
    roles = ROLES[event.type]
    if event.actor_role not in roles:
        return "actor_not_entitled"
    if roles is not _PRODUCT and not _entitled(event, state.scope, state.lead_body):
        return "actor_not_entitled"
    return STEPS[event.type](state, event)


def _entitled(event: Envelope, scope: str, lead_body: str) -> bool:
    who = (event.actor_role, event.actor_unit, event.actor_body, event.on_behalf_of)
    return may_act(*who, scope=scope, lead_body=lead_body)


def _again(_state: ProblemState, _event: Envelope) -> Refusal:
    return "illegal_transition"


def _rename(state: ProblemState, event: ProblemRenamed) -> ProblemState | Refusal:
    return replace(state, title=event.data.title) if state.is_live else "illegal_transition"


def _add(state: ProblemState, event: ProblemMemberAdded) -> ProblemState | Refusal:
    """Add a member; a province's problem takes those it joined, a ministry's those the ministry joined."""
    said = event.data
    if state.state == "withdrawn":
        return "illegal_transition"
    if said.by_unit != state.scope or state.scope not in {NATION, said.province_code}:
        return "other_scope"
    if said.joined_by in state.gone or any(one.joined_by == said.joined_by for one in state.members):
        return state
    member = Member(
        issue_id=said.issue_id,
        joined_by=said.joined_by,
        unit_code=said.unit_code,
        province_code=said.province_code,
        added_at=event.recorded_at,
    )
    return replace(state, members=(*state.members, member))


def _remove(state: ProblemState, event: ProblemMemberRemoved) -> ProblemState | Refusal:
    which = event.data.joined_by
    kept = tuple(one for one in state.members if one.joined_by != which)
    gone = state.gone if which in state.gone else (*state.gone, which)
    return replace(state, members=kept, gone=gone)


def _answer(state: ProblemState, event: ProblemAnswered) -> ProblemState | Refusal:
    """Answer for all members at once; answer again if it did not hold, or the promised means are there."""
    said = event.data
    if state.state == "withdrawn":
        return "illegal_transition"
    if said.document is None and (said.answer_kind in NEEDS_DOCUMENT or state.scope == NATION):
        return "document_required"
    given = GivenAnswer(
        kind=said.answer_kind,
        at=event.recorded_at,
        text=said.text,
        document=said.document,
        expected_on=said.expected_on,
        on_behalf_of=event.on_behalf_of,
    )
    number = len(state.answers) + 1
    one = Answered(id=event.id, number=number, body=state.lead_body, given=given)
    return replace(state, state="answered", answers=(*state.answers, one))


def _withdraw(state: ProblemState, _event: Envelope) -> ProblemState | Refusal:
    return replace(state, state="withdrawn") if state.is_live else "illegal_transition"


def _close(state: ProblemState, _event: ProblemClosed) -> ProblemState | Refusal:
    return replace(state, state="closed") if state.state == "answered" else "illegal_transition"


STEPS: dict[str, Callable[[ProblemState, Any], ProblemState | Refusal]] = {
    "problem.opened": _again,
    "problem.renamed": _rename,
    "problem.member_added": _add,
    "problem.member_removed": _remove,
    "problem.answered": _answer,
    "problem.withdrawn": _withdraw,
    "problem.closed": _close,
}
"""Type of event → the step that folds it into a problem."""
