"""One act on an issue: tried against the fold, recorded with its texts in one transaction, awaited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid5

from events.envelope import Envelope
from events.fields import TextRef
from events.issues import REPORT_TEXTS
from reporting.issues.fold import act_of, fold
from reporting.issues.permissions import OFFICE_ROLES
from reporting.issues.state import Act, Escalation, IssueState, Outcome
from services.access.actors import Actor
from services.acting.act_inputs import AmendInput, CorrectInput
from services.acting.context import ActContext, Content
from services.acting.correcting import same_correction
from services.acting.inputs import ActInput
from services.acting.parts import ActParts
from services.acting.recording import Recording, check_allowed, conflict, other_act
from services.acting.texts import Put, check_words, same_words
from services.acting.visible import allowed_to
from services.errors import Conflict, Forbidden, KeyReused


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
class ActOnIssue:
    """An act on the issue as its actor saw it; `about` is the escalation concerned, if any."""

    parts: ActParts
    actor: Actor
    state: IssueState
    about: Escalation | None
    sent: ActInput
    event_type: str
    event_id: UUID
    content: Callable[[ActContext], Content]

    def run(self) -> ActionResult:
        """Record the act, unless it was recorded before, and return its outcome.

        Raises:
            Forbidden, Conflict, BadInput, PersonalData, KeyReused: see services/acting/issue_acts.py.
        """
        recording = Recording(
            parts=self.parts,
            actor=self.actor,
            family="issue",
            subject=self.state.id,
            unit_code=self.state.unit_code,
            event_id=self.event_id,
            event_type=self.event_type,
        )
        outcome, before = self.state.outcome_of(self.event_id), None
        if outcome is None:
            check_words(self.sent)
            sent = self.sent
            before = recording.record(
                partial(self._content, erased=self._erased()),
                self._check,
                expected_version=sent.expected_version,
                on_behalf_of=sent.on_behalf_of,
            )
            outcome = recording.outcome()
        return self._result(outcome, before)

    def _content(self, put: Put, now: dt.datetime, erased: frozenset[UUID]) -> Content:
        return self.content(
            ActContext(self.state, self.actor, self.sent, put, self.parts.tables, self.event_id, now, erased)
        )

    def _erased(self) -> frozenset[UUID]:
        """Return the texts of the report whose words were erased; read for a correction alone."""
        if not isinstance(self.sent, AmendInput | CorrectInput):
            return frozenset()
        kept: list[TextRef | None] = [getattr(self.state.report, name) for name in REPORT_TEXTS]
        bodies = self.parts.texts.fetch(ref.id for ref in kept if ref is not None)
        return frozenset(text_id for text_id, body in bodies.items() if body is None)

    def _check(self, event: Envelope) -> None:
        """Fold the event into the known state: a refusal by the rules comes before a version conflict."""
        outcome = fold(self.state, event.model_copy(update={"expected_version": None})).outcome
        if outcome.reason_code == "actor_not_entitled":
            raise Forbidden(self._not_entitled())
        check_allowed(
            outcome,
            lambda reason: self._conflict(reason, self.state),
            is_stale=event.expected_version != self.state.version,
        )

    def _not_entitled(self) -> str:
        sentence = f"{self.actor.role} of {self.actor.body or self.actor.unit_code} may not take this step"
        if self.sent.on_behalf_of is None and self.actor.role in OFFICE_ROLES:
            return (
                f"{sentence}; to record it for a body that does not sign in, name that body in on_behalf_of"
            )
        return sentence

    def _result(self, outcome: Outcome | None, before: Envelope | None) -> ActionResult:
        now = self.parts.issue_table.get(self.state.id) or self.state
        outcome = outcome or now.outcome_of(self.event_id)
        self._check_kind(now, before)
        if outcome is not None and not outcome.accepted:
            raise self._conflict(outcome.reason_code, now)
        begun = now.escalation(uuid5(self.event_id, "escalation"))
        about = begun or self.about
        return ActionResult(now, self.event_id, outcome is None, about.id if about is not None else None)

    def _check_kind(self, now: IssueState, before: Envelope | None) -> None:
        """Raise KeyReused where the log or the outbox has the key with another act, other words or other facts."""
        waiting = None if before is None else act_of(before)
        folded = next((act for act in now.acts if act.id == self.event_id), waiting)
        if folded is None:
            return
        own = {None, uuid5(self.event_id, "escalation"), self.about.id if self.about is not None else None}
        if folded.type != self.event_type or folded.escalation_id not in own:
            raise other_act()
        same = folded.on_behalf_of == self.sent.on_behalf_of and same_words(self.sent, folded.text)
        if not same or (folded.refused is None and not self._corrects_the_same(now, before)):
            raise KeyReused("this key came with other words before: make a new one", field="Idempotency-Key")

    def _corrects_the_same(self, now: IssueState, before: Envelope | None) -> bool:
        """Return whether a correction repeats the recorded one; True for every other act."""
        if not isinstance(self.sent, AmendInput | CorrectInput):
            return True
        names = {uuid5(self.event_id, name): name for name in REPORT_TEXTS}
        hashes = self.parts.texts.hashes(names)
        recorded = {names[one]: sha256 for one, sha256 in hashes.items()}
        return same_correction(self.sent, now, self.event_id, recorded, before)

    def _conflict(self, reason: str | None, state: IssueState) -> Conflict:
        about = state.escalation(self.about.id) if self.about is not None else None
        allowed = list(allowed_to(self.actor, state, about, self.parts.tables, self.parts.clock()))
        shown = about.state if about is not None else state.state
        return conflict(reason, _first(state), state=shown, version=state.version, allowed=allowed)


def _first(state: IssueState) -> Act | None:
    """Return the latest accepted act of a person: the one that won a conflict."""
    counted = (act for act in reversed(state.acts) if act.refused is None and act.actor_role != "system")
    return next(counted, None)
