"""One act on an issue: tried against the fold, recorded with its texts in one transaction, awaited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import Connection

from events.envelope import Envelope
from reporting.issues.fold import fold
from reporting.issues.permissions import OFFICE_ROLES
from reporting.issues.state import Act as FoldedAct
from reporting.issues.state import Escalation, IssueState, Outcome
from services.access.actors import Actor
from services.acting.context import Content, Ground
from services.acting.inputs import ActInput
from services.acting.parts import ActParts
from services.acting.recording import conflict, event_by, is_recorded, keeper, other_act
from services.acting.texts import check_words, same_words
from services.acting.visible import allowed_to
from services.errors import BadInput, Conflict, Forbidden, KeyReused
from services.store.outbox import enqueue


@dataclass(frozen=True, slots=True)
class ActionResult:
    """Outcome of an act.

    Attributes:
        state: the issue after the act; of a queued act, the issue before it.
        event_id: the id of the act's event.
        queued: the act is recorded durably, and was not folded within `wait_seconds`.
        escalation_id: the escalation that was acted on, or the one that the act began.
    """

    state: IssueState
    event_id: UUID
    queued: bool
    escalation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """An act on the issue as its actor saw it; `about` is the escalation concerned, if any."""

    parts: ActParts
    actor: Actor
    state: IssueState
    about: Escalation | None
    sent: ActInput
    event_type: str
    event_id: UUID
    content: Callable[[Ground], Content]

    def run(self) -> ActionResult:
        """Record the act, unless it was recorded before, and return its outcome.

        Raises:
            Forbidden, Conflict, BadInput, PersonalData, KeyReused: see services/acting/issue_acts.py.
        """
        if self.state.outcome_of(self.event_id) is None:
            check_words(self.sent)
            with self.parts.store.begin() as conn:
                if not is_recorded(conn, self.event_id, subject=self.state.id, event_type=self.event_type):
                    event = self._event(conn)
                    self._try(event)
                    enqueue(conn, event)
        return self._result()

    def _event(self, conn: Connection) -> Envelope:
        put = keeper(self.parts, conn, self.event_id, self.state.unit_code)
        tables, now = self.parts.tables, self.parts.clock()
        ground = Ground(self.state, self.actor, self.sent, put, tables, self.event_id, now)
        return event_by(
            self.actor,
            self.parts.tables.units,
            self.content(ground),
            event_id=self.event_id,
            subject=self.state.id,
            now=now,
            expected_version=self.sent.expected_version,
            on_behalf_of=self.sent.on_behalf_of,
        )

    def _try(self, event: Envelope) -> None:
        """Fold the event into the known state: a refusal by the rules comes before a version conflict."""
        outcome = fold(self.state, event.model_copy(update={"expected_version": None})).outcome
        if outcome.reason_code == "actor_not_entitled":
            raise Forbidden(self._not_entitled())
        if event.expected_version != self.state.version:
            raise self._conflict("version_conflict", self.state)
        if outcome.reason_code == "document_required":
            raise BadInput(
                "this answer needs an official document: number and date",
                field="document",
                error_key="document",
            )
        if not outcome.accepted:
            raise self._conflict(outcome.reason_code, self.state)

    def _not_entitled(self) -> str:
        sentence = f"{self.actor.role} of {self.actor.body or self.actor.unit_code} may not take this step"
        if self.sent.on_behalf_of is None and self.actor.role in OFFICE_ROLES:
            return (
                f"{sentence}; to record it for a body that does not sign in, name that body in on_behalf_of"
            )
        return sentence

    def _result(self) -> ActionResult:
        outcome: Outcome | None = self.state.outcome_of(self.event_id)
        if outcome is None:
            outcome = self.parts.arrivals.wait_for(
                self.event_id, self.parts.wait_seconds, subject=self.state.id
            )
        now = self.parts.issue_table.get(self.state.id) or self.state
        outcome = outcome or now.outcome_of(self.event_id)
        self._check_kind(now)
        if outcome is not None and not outcome.accepted:
            raise self._conflict(outcome.reason_code, now)
        begun = now.escalation(uuid5(self.event_id, "escalation"))
        about = begun or self.about
        return ActionResult(now, self.event_id, outcome is None, about.id if about is not None else None)

    def _check_kind(self, now: IssueState) -> None:
        """Raise KeyReused where the log knows the key with another act or other words."""
        folded = next((act for act in now.acts if act.id == self.event_id), None)
        if folded is None:
            return
        own = {None, uuid5(self.event_id, "escalation"), self.about.id if self.about is not None else None}
        if folded.type != self.event_type or folded.escalation_id not in own:
            raise other_act()
        if folded.on_behalf_of != self.sent.on_behalf_of or not same_words(self.sent, folded.text):
            raise KeyReused("this key came with other words before: make a new one", field="Idempotency-Key")

    def _conflict(self, reason: str | None, state: IssueState) -> Conflict:
        about = state.escalation(self.about.id) if self.about is not None else None
        allowed = list(allowed_to(self.actor, state, about, self.parts.tables, self.parts.clock()))
        shown = about.state if about is not None else state.state
        return conflict(reason, _first(state), state=shown, version=state.version, allowed=allowed)


def _first(state: IssueState) -> FoldedAct | None:
    """Return the latest accepted act of a person: the one that won a conflict."""
    counted = (act for act in reversed(state.acts) if act.refused is None and act.actor_role != "system")
    return next(counted, None)
