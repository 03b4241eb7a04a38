"""From the name of an act and what a person sends to the content of its event; one small builder per act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import UUID, uuid5

from pydantic import ValidationError

from events import escalations, issues
from events.envelope import Envelope
from events.fields import Document, Payload, TextRef
from reporting.bodies import NATION, territory_of
from reporting.issue_state import Escalation, IssueState
from reporting.turns import closing_reasons
from services.acting.words import Put, document_of, issuer_of
from services.actors import Actor
from services.errors import BadInput
from services.tables import DatedTables
from services.web.inputs import ActInput, DocumentInput

IssueAct = Literal["confirm", "dispute", "withdraw", "close", "propose"]
EscalationAct = Literal[
    "approve", "send", "acknowledge", "accept", "return", "answer", "escalate", "arbitrate", "withdraw"
]
ISSUE_ACTS: tuple[str, ...] = get_args(IssueAct)
ESCALATION_ACTS: tuple[str, ...] = get_args(EscalationAct)
TYPE_OF_ISSUE_ACT: dict[IssueAct, str] = {
    "confirm": "issue.confirmed",
    "dispute": "issue.disputed",
    "withdraw": "issue.withdrawn",
    "close": "issue.closed",
    "propose": "escalation.proposed",
}
TYPE_OF_ESCALATION_ACT: dict[EscalationAct, str] = {
    "approve": "escalation.approved",
    "send": "escalation.sent",
    "acknowledge": "escalation.acknowledged",
    "accept": "escalation.accepted",
    "return": "escalation.returned",
    "answer": "escalation.answered",
    "escalate": "escalation.proposed",
    "arbitrate": "escalation.proposed",
    "withdraw": "escalation.withdrawn",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What an act stands on: the issue as its actor sees it, what was sent, where texts go, the tables of the day."""

    state: IssueState
    actor: Actor
    sent: ActInput
    put: Put
    tables: DatedTables
    event_id: UUID

    @property
    def acting_body(self) -> str | None:
        """Name the body that speaks: the one recorded for, or the actor's own."""
        return self.sent.on_behalf_of or self.actor.body

    def text(self, purpose: str, *fields: Literal["reason", "text"]) -> TextRef | None:
        """Keep the first of the fields that was filled."""
        for field in fields:
            words: str | None = getattr(self.sent, field)
            if words is not None:
                return self.put(words, purpose)
        return None

    def note(self) -> TextRef | None:
        """Keep what was added to an act that needs no words: what somebody wrote is not dropped."""
        return self.text("note", "reason", "text")


Content = tuple[type[Envelope], Payload]


def issue_content(act: IssueAct, ground: Ground) -> Content:
    """Build the content of an act on an issue.

    Raises:
        BadInput: something that the act needs is missing; names it.
    """
    if act == "confirm":
        return issues.IssueConfirmed, issues.Statement(text=ground.text("confirmation", "text", "reason"))
    if act == "dispute":
        return issues.IssueDisputed, issues.Statement(text=_reason(ground))
    if act == "withdraw":
        return issues.IssueWithdrawn, issues.Statement(text=ground.text("reason", "reason", "text"))
    if act == "propose":
        return _propose(ground)
    # A commune closes what was refused, or what it solved by itself: the state tells which.
    refused = "answered" in closing_reasons(ground.state)
    reason_code: Literal["answered", "resolved_by_commune"] = "answered" if refused else "resolved_by_commune"
    return issues.IssueClosed, issues.Closing(reason_code=reason_code, note=ground.note())


def escalation_content(act: EscalationAct, about: Escalation, ground: Ground) -> Content:
    """Build the content of an act on an escalation.

    Raises:
        BadInput: something that the act needs is missing or wrong; names it.
        UnknownBody: the body that was named does not exist.
    """
    return _BUILDERS[act](ground, about)


def _approve(ground: Ground, about: Escalation) -> Content:
    capacity = ground.sent.capacity
    return escalations.EscalationApproved, escalations.Approval(
        escalation_id=about.id, capacity=capacity, note=ground.note()
    )


def _send(ground: Ground, about: Escalation) -> Content:
    sent = ground.sent.document
    if sent is None:
        raise BadInput("sending names the official document: number and date", field="document")
    document = _document(ground, sent, about.from_body)
    return escalations.EscalationSent, escalations.Dispatch(
        escalation_id=about.id, document=document, note=ground.note()
    )


def _acknowledge(ground: Ground, about: Escalation) -> Content:
    return escalations.EscalationAcknowledged, _step(ground, about)


def _accept(ground: Ground, about: Escalation) -> Content:
    return escalations.EscalationAccepted, _step(ground, about)


def _withdraw(ground: Ground, about: Escalation) -> Content:
    return escalations.EscalationWithdrawn, _step(ground, about)


def _step(ground: Ground, about: Escalation) -> escalations.Step:
    return escalations.Step(escalation_id=about.id, note=ground.note())


def _return(ground: Ground, about: Escalation) -> Content:
    proposed = ground.sent.proposed_body
    if proposed is not None:
        _known_body(ground, proposed, "proposed_body")
    data = escalations.Return(escalation_id=about.id, reason=_reason(ground), proposed_body=proposed)
    return escalations.EscalationReturned, data


def _answer(ground: Ground, about: Escalation) -> Content:
    sent = ground.sent
    if sent.kind is None:
        raise BadInput("an answer has a kind: solved, guidance, passed_on, …", field="kind")
    if sent.kind == "waiting_resources" and sent.expected_on is None:
        raise BadInput("waiting for resources names the day it is expected on", field="expected_on")
    issuer = ground.acting_body or about.lead_body
    if (
        sent.expected_on is not None
        and sent.document is not None
        and sent.expected_on < sent.document.issued_on
    ):
        raise BadInput("the expected day lies before the document that promises it", field="expected_on")
    answer: dict[str, Any] = {
        "escalation_id": about.id,
        "answer_kind": sent.kind,
        "text": ground.text("answer", "text", "reason"),
        "document": None if sent.document is None else _document(ground, sent.document, issuer),
        "expected_on": sent.expected_on,
    }
    try:
        return escalations.EscalationAnswered, escalations.Answer.model_validate(answer)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise BadInput(str(fault["msg"]), field=str(fault["loc"][0]) if fault["loc"] else "kind") from None


def _propose(ground: Ground) -> Content:
    """Propose what the commune could decide and has not the means for: to the body that the verdict names above it."""
    state = ground.state
    verdict = state.verdict
    above = () if verdict is None else (verdict.lead_body, *verdict.other_bodies)
    usual = (body for body in above if body is not None and territory_of(body) == state.province_code)
    lead = ground.sent.lead_body or next(usual, state.office_body)
    _known_body(ground, lead, "lead_body")
    return escalations.EscalationProposed, escalations.Proposal(
        escalation_id=uuid5(ground.event_id, "escalation"),
        from_body=state.own_body,
        lead_body=lead,
        level="province",
        trigger="means",
        basis=verdict.basis if verdict is not None else None,
        question=_reason(ground),
    )


def _escalate(ground: Ground, about: Escalation) -> Content:
    """Petition a ministry: the one that the verdict names, unless another is said."""
    verdict = ground.state.verdict
    lead = ground.sent.lead_body or (verdict.ministry_body if verdict is not None else None)
    if lead is None:
        raise BadInput("the table names no ministry for this kind: say which", field="lead_body")
    _known_body(ground, lead, "lead_body")
    return escalations.EscalationProposed, escalations.Proposal(
        escalation_id=uuid5(ground.event_id, "escalation"),
        parent_id=about.id,
        from_body=f"{ground.state.province_code}.ubnd",
        lead_body=lead,
        level="ministry",
        trigger="petition",
        basis=verdict.basis if verdict is not None else None,
        question=ground.text("question", "reason", "text"),
    )


def _arbitrate(ground: Ground, about: Escalation) -> Content:
    """Name the lead body of what came back to the provincial office, or of what it was asked to sort."""
    lead = ground.sent.lead_body or about.proposed_body
    if lead is None:
        raise BadInput("say which body shall lead", field="lead_body")
    _known_body(ground, lead, "lead_body")
    return escalations.EscalationProposed, escalations.Proposal(
        escalation_id=uuid5(ground.event_id, "escalation"),
        replaces_id=about.id,
        from_body=ground.state.own_body,
        lead_body=lead,
        level="province",
        trigger="arbitration",
        basis=about.basis,
        question=ground.text("question", "reason", "text"),
    )


_BUILDERS: dict[str, Callable[[Ground, Escalation], Content]] = {
    "approve": _approve,
    "send": _send,
    "acknowledge": _acknowledge,
    "accept": _accept,
    "return": _return,
    "answer": _answer,
    "escalate": _escalate,
    "arbitrate": _arbitrate,
    "withdraw": _withdraw,
}


def _reason(ground: Ground) -> TextRef:
    reason = ground.text("reason", "reason", "text")
    if reason is None:
        raise BadInput("say why: this act needs a reason", field="reason")
    return reason


def _document(ground: Ground, sent: DocumentInput, usual_issuer: str) -> Document:
    state, bodies = ground.state, ground.tables.bodies
    near = (state.unit_code, state.province_code, NATION)
    issuer = usual_issuer if sent.issuer is None else issuer_of(sent.issuer, near, bodies)
    return document_of(sent, issuer, ground.put)


def _known_body(ground: Ground, body: str, field: str) -> None:
    if not ground.tables.bodies.knows(body):
        raise BadInput(f"there is no body {body!r}; GET /api/v1/bodies?unit= lists them", field=field)
