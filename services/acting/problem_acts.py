"""Act on a problem: open, rename, answer for all members, withdraw or close it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import get_args
from uuid import UUID, uuid5

from events import problems
from events.envelope import Envelope
from reporting.dated.bodies import NATION
from reporting.errors import UnknownKind
from reporting.issues.state import Outcome
from reporting.privacy import check
from reporting.problems.fold import ProblemState, fold
from services.access.actors import Actor
from services.access.policy import may
from services.access.tokens import unit_level
from services.acting.act_ids import act_id, id_of_act
from services.acting.act_inputs import (
    AnswerAllInput,
    CloseProblemInput,
    ProblemAct,
    ProblemActInput,
    RenameInput,
    WithdrawProblemInput,
)
from services.acting.context import Content
from services.acting.inputs import OpeningInput
from services.acting.parts import ActParts
from services.acting.recording import Recording, check_allowed, conflict, other_act
from services.acting.texts import Put, check_answer, check_said, document_of, issuer_of
from services.errors import BadInput, Conflict, Forbidden, NotFound
from services.input_errors import naming_the_field

PROBLEM_ACTS: tuple[str, ...] = get_args(ProblemAct)


@dataclass(frozen=True, slots=True)
class ProblemResult:
    """Outcome of an act on a problem; of a queued act, `state` is the problem before it."""

    problem_id: UUID
    state: ProblemState | None
    event_id: UUID
    queued: bool


def visible_problem(parts: ActParts, actor: Actor, problem_id: UUID) -> ProblemState:
    """Return a problem that the actor may read.

    Raises:
        NotFound: no such problem.
        Forbidden: the problem belongs to another province or ministry.
    """
    state = parts.problem_table.get(problem_id)
    if state is None:
        raise NotFound(f"there is no problem {problem_id}", field="problem")
    if not may(actor, "problem.read", state.scope, state.lead_body, units=parts.tables.units):
        raise Forbidden(f"{actor.role} of {actor.body or actor.unit_code} may not read this problem")
    return state


def joinable_problem(parts: ActParts, actor: Actor, problem_id: UUID) -> ProblemState:
    """Return a problem that the actor may join issues to.

    Raises:
        NotFound, Forbidden: as for `visible_problem`.
        Conflict: the problem is closed or withdrawn.
    """
    state = visible_problem(parts, actor, problem_id)
    if actor.unit_code != state.scope:
        raise Forbidden(f"this problem takes what {state.scope} joins; nothing skips a level")
    if not state.is_live:
        raise Conflict(f"the problem is {state.state}: nothing is joined to it", state=state.state)
    return state


def open_problem(
    parts: ActParts, actor: Actor, sent: OpeningInput, *, key: UUID | None = None
) -> ProblemResult:
    """Open a problem of the actor's own province, or of its ministry.

    Args:
        key: made by the client; a retry of the same unit and body with the same key returns the same problem.

    Raises:
        Forbidden: the actor's role does not allow it.
        BadInput, PersonalData, UnknownKind: a field is wrong; the error names it.
        KeyReused: the key belongs to another act.
    """
    if unit_level(actor.unit_code) == "commune":
        raise Forbidden(f"{actor.role} of {actor.unit_code} may not open a problem: its province does")
    if all(row.kind.key != sent.kind for row in parts.tables.competence.rows()):
        raise UnknownKind(f"there is no kind of difficulty {sent.kind!r}", field="kind")
    lead_body = sent.lead_body or actor.body
    if lead_body is None or not parts.tables.bodies.knows(lead_body):
        raise BadInput(f"there is no body {lead_body!r}; say which one leads", field="lead_body")

    @naming_the_field()
    def content(put: Put, _at: dt.datetime) -> Content:
        title = put(sent.title, "title")
        data = problems.Opening(scope=actor.unit_code, kind=sent.kind, lead_body=lead_body, title=title)
        return problems.ProblemOpened, data

    check(sent.title, "title")
    event_id = _id_of_opening(parts, actor, key)
    opening = _ActOnProblem(parts, actor, uuid5(event_id, "problem"), None, event_id, "problem.opened")
    return opening.run(content)


def _id_of_opening(parts: ActParts, actor: Actor, key: UUID | None) -> UUID:
    """Return the id of an opening: no problem exists yet, so the key is scoped to the actor alone."""
    if key is not None:
        before = uuid5(key, "problem")
        held = parts.problem_table.get(before)
        acts = () if held is None else held.acts
        if id_of_act(parts.store, actor, acts, subject=before, event_type="problem.opened", key=key) == key:
            return key
    return act_id(actor, "problem", key)


def act_on_problem(
    parts: ActParts,
    actor: Actor,
    problem_id: UUID,
    sent: ProblemActInput,
    *,
    key: UUID | None = None,
) -> ProblemResult:
    """Rename, answer, withdraw or close a problem; errors as for acts on an issue."""
    state = visible_problem(parts, actor, problem_id)
    title = sent.title if isinstance(sent, RenameInput) else None
    document = sent.document if isinstance(sent, AnswerAllInput) else None
    check_said((("title", title), ("reason", sent.reason), ("text", sent.text)), document)

    @naming_the_field()
    def content(put: Put, _at: dt.datetime) -> Content:
        return _content(sent, parts, state, put)

    if key is not None and any(done.id == act_id(actor, "problem", key) for done in state.acts):
        raise other_act()
    event_id = id_of_act(
        parts.store, actor, state.acts, subject=problem_id, event_type=_TYPES[sent.act], key=key
    )
    acting = _ActOnProblem(parts, actor, problem_id, state, event_id, _TYPES[sent.act])
    return acting.run(content, expected_version=sent.expected_version, on_behalf_of=sent.on_behalf_of)


@dataclass(frozen=True, slots=True)
class _ActOnProblem:
    """An act on the problem as its actor saw it; `state` is None for the act that opens one."""

    parts: ActParts
    actor: Actor
    problem_id: UUID
    state: ProblemState | None
    event_id: UUID
    event_type: str

    def run(
        self,
        content: Callable[[Put, dt.datetime], Content],
        *,
        expected_version: int | None = None,
        on_behalf_of: str | None = None,
    ) -> ProblemResult:
        """Record the act, unless it was recorded before, and return what became of it."""
        recording = Recording(
            parts=self.parts,
            actor=self.actor,
            family="problem",
            subject=self.problem_id,
            unit_code=self.actor.unit_code,
            event_id=self.event_id,
            event_type=self.event_type,
        )
        if not self._is_folded():
            recording.record(
                content, self._check, expected_version=expected_version, on_behalf_of=on_behalf_of
            )
        known = None if self.state is None else self.state.outcome_of(self.event_id)
        return self._result(known or recording.outcome())

    def _is_folded(self) -> bool:
        """Return whether the projection has this act; raise KeyReused where it has another one under this id."""
        acts = () if self.state is None else self.state.acts
        folded = next((act for act in acts if act.id == self.event_id), None)
        if folded is not None and folded.type != self.event_type:
            raise other_act()
        return folded is not None

    def _check(self, event: Envelope) -> None:
        """Fold the event into the known state: a refusal by the rules comes before a version conflict."""
        state = self.state
        outcome = fold(state, event.model_copy(update={"expected_version": None})).outcome
        if outcome.reason_code in {"actor_not_entitled", "level_skipped"}:
            who = self.actor.body or self.actor.unit_code
            raise Forbidden(f"{self.actor.role} of {who} may not take this step on the problem")
        if state is not None:
            check_allowed(
                outcome,
                lambda reason: _conflict(reason, state),
                is_stale=event.expected_version != state.version,
            )

    def _result(self, outcome: Outcome | None) -> ProblemResult:
        now = self.parts.problem_table.get(self.problem_id) or self.state
        outcome = outcome or (now.outcome_of(self.event_id) if now is not None else None)
        if outcome is not None and not outcome.accepted and now is not None:
            raise _conflict(outcome.reason_code, now)
        return ProblemResult(self.problem_id, now, self.event_id, outcome is None)


def _conflict(reason: str | None, state: ProblemState) -> Conflict:
    latest = next((act for act in reversed(state.acts) if act.refused is None), None)
    return conflict(reason, latest, state=state.state, version=state.version)


@singledispatch
def _content(sent: ProblemActInput, _parts: ActParts, _state: ProblemState, _put: Put) -> Content:
    raise TypeError(f"no builder of {type(sent).__name__}")


@_content.register
def _rename(sent: RenameInput, _parts: ActParts, _state: ProblemState, put: Put) -> Content:
    if sent.title is None:
        raise BadInput("say how the problem shall be called", field="title", error_key="missing")
    return problems.ProblemRenamed, problems.Naming(title=put(sent.title, "title"))


@_content.register
def _answer(sent: AnswerAllInput, parts: ActParts, state: ProblemState, put: Put) -> Content:
    if sent.kind is None:
        raise BadInput(
            "an answer has a kind: solved, guidance, waiting_resources or refused",
            field="kind",
            error_key="missing",
        )
    check_answer(sent)
    document = None
    if sent.document is not None:
        issuer = state.lead_body
        if sent.document.issuer is not None:
            issuer = issuer_of(sent.document.issuer, (state.scope, NATION), parts.tables.bodies)
        document = document_of(sent.document, issuer, put)
    said = sent.text or sent.reason
    data = problems.CommonAnswer(
        answer_kind=sent.kind,
        text=None if said is None else put(said, "answer"),
        document=document,
        expected_on=sent.expected_on,
    )
    return problems.ProblemAnswered, data


@_content.register
def _withdraw(sent: WithdrawProblemInput, _parts: ActParts, _state: ProblemState, put: Put) -> Content:
    if sent.reason is None:
        raise BadInput("say why the problem is none", field="reason", error_key="missing")
    return problems.ProblemWithdrawn, problems.Retraction(reason=put(sent.reason, "reason"))


@_content.register
def _close(sent: CloseProblemInput, parts: ActParts, state: ProblemState, put: Put) -> Content:
    counted = parts.problem_table.counts([state.id]).get(state.id)
    data = problems.Conclusion(
        member_count=0 if counted is None else counted.member_count,
        confirmed_count=0 if counted is None else counted.confirmed_count,
        note=None if sent.reason is None else put(sent.reason, "note"),
    )
    return problems.ProblemClosed, data


_TYPES: dict[ProblemAct, str] = {
    "rename": "problem.renamed",
    "answer": "problem.answered",
    "withdraw": "problem.withdrawn",
    "close": "problem.closed",
}
