"""The family `escalation.*`: a hand-off from one body to a competent one, inside the log of its issue."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from events.envelope import Envelope
from events.fields import (
    AnswerKind,
    Document,
    DocumentNumber,
    Level,
    LocalDate,
    Payload,
    RowId,
    SigningCapacity,
    Slug,
    TextRef,
    UuidSubject,
)


class Proposal(Payload):
    """Who asks whom, at which level, on which basis.

    `trigger` says why: `competence` (the table says it is beyond the commune), `means` (the commune has not the
    means), `petition` (a province asks a ministry; `parent_id` is the escalation it answers for), `arbitration`
    (the provincial office names another lead; `replaces_id` is the escalation that it takes over).
    """

    escalation_id: UUID
    parent_id: UUID | None = None
    replaces_id: UUID | None = None
    from_body: Slug
    lead_body: Slug
    level: Level
    trigger: Literal["competence", "means", "petition", "arbitration"]
    basis: Annotated[str, Field(max_length=600)] | None = None
    question: TextRef | None = None


class Referral(Payload):
    """Who is asked for support or guidance, without an approval and without a document."""

    escalation_id: UUID
    from_body: Slug
    lead_body: Slug
    level: Level
    basis: Annotated[str, Field(max_length=600)] | None = None
    question: TextRef | None = None


class Delegation(Payload):
    """By which document, and from when to when, a role approves in its leader's stead."""

    row_id: RowId
    number: DocumentNumber
    issued_on: LocalDate
    issuer: Slug
    valid_from: LocalDate
    valid_to: LocalDate | None = None


class Approval(Payload):
    """A leader lets the proposal go, in a stated capacity; or somebody in its stead, by a dated delegation."""

    escalation_id: UUID
    capacity: SigningCapacity = "direct"
    delegation: Delegation | None = None
    note: TextRef | None = None


class CorrectionWish(Payload):
    """What the sender's leader wants changed before the proposal is approved; or a deputy, by a dated delegation."""

    escalation_id: UUID
    reason: TextRef
    delegation: Delegation | None = None


class Correction(Payload):
    """The words of the report as they shall stand; a text that is not named stays as it was."""

    escalation_id: UUID
    place: TextRef | None = None
    content: TextRef | None = None
    request: TextRef | None = None
    tried: TextRef | None = None
    note: TextRef | None = None


class Dispatch(Payload):
    """The proposal left as an official document."""

    escalation_id: UUID
    document: Document
    note: TextRef | None = None


class Step(Payload):
    """A step that was taken; who took it may have added a word."""

    escalation_id: UUID
    note: TextRef | None = None


class Return(Payload):
    """Sent back with a reason and the body that should have it."""

    escalation_id: UUID
    reason: TextRef
    proposed_body: Slug | None = None


class Answer(Payload):
    """The typed answer of the lead body; which of them need a document is a rule of reporting."""

    escalation_id: UUID
    answer_kind: AnswerKind
    text: TextRef | None = None
    document: Document | None = None
    expected_on: LocalDate | None = None

    @model_validator(mode="after")
    def _waiting_names_a_day(self) -> Self:
        if self.answer_kind == "waiting_resources" and self.expected_on is None:
            raise ValueError("waiting_resources needs expected_on")
        return self


class EscalationEvent(Envelope):
    """An event about one escalation; `subject` and partition key are the issue's id."""

    subject: UuidSubject


class EscalationProposed(EscalationEvent):
    """An issue is proposed to the competent body; its sender's leader has yet to approve."""

    type: Literal["escalation.proposed"] = "escalation.proposed"
    dataschema: Literal["urn:liencap:escalation.proposed:1"] = "urn:liencap:escalation.proposed:1"
    data: Proposal


class EscalationReferred(EscalationEvent):
    """An issue of a lane that needs no official document goes straight to the body that supports or guides."""

    type: Literal["escalation.referred"] = "escalation.referred"
    dataschema: Literal["urn:liencap:escalation.referred:1"] = "urn:liencap:escalation.referred:1"
    data: Referral


class EscalationApproved(EscalationEvent):
    """The sender's leader approves; the document is awaited. Version 2 adds on which delegation it rests."""

    type: Literal["escalation.approved"] = "escalation.approved"
    dataschema: Literal["urn:liencap:escalation.approved:2"] = "urn:liencap:escalation.approved:2"
    data: Approval

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Read version 1, when leaders alone approved."""
        return data


class EscalationCorrectionAsked(EscalationEvent):
    """The sender's leader sends the draft back to whoever drew it up. Version 2 adds on which delegation it rests."""

    type: Literal["escalation.correction_asked"] = "escalation.correction_asked"
    dataschema: Literal["urn:liencap:escalation.correction_asked:2"] = (
        "urn:liencap:escalation.correction_asked:2"
    )
    data: CorrectionWish

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Read version 1, when a chair alone asked for corrections."""
        return data


class EscalationCorrected(EscalationEvent):
    """The draft was corrected; it waits for the approval again."""

    type: Literal["escalation.corrected"] = "escalation.corrected"
    dataschema: Literal["urn:liencap:escalation.corrected:1"] = "urn:liencap:escalation.corrected:1"
    data: Correction


class EscalationSent(EscalationEvent):
    """The document was issued and sent."""

    type: Literal["escalation.sent"] = "escalation.sent"
    dataschema: Literal["urn:liencap:escalation.sent:1"] = "urn:liencap:escalation.sent:1"
    data: Dispatch


class EscalationAcknowledged(EscalationEvent):
    """The receiver has seen it."""

    type: Literal["escalation.acknowledged"] = "escalation.acknowledged"
    dataschema: Literal["urn:liencap:escalation.acknowledged:1"] = "urn:liencap:escalation.acknowledged:1"
    data: Step


class EscalationAccepted(EscalationEvent):
    """The receiver takes it on."""

    type: Literal["escalation.accepted"] = "escalation.accepted"
    dataschema: Literal["urn:liencap:escalation.accepted:1"] = "urn:liencap:escalation.accepted:1"
    data: Step


class EscalationReturned(EscalationEvent):
    """The receiver sends it back with a reason."""

    type: Literal["escalation.returned"] = "escalation.returned"
    dataschema: Literal["urn:liencap:escalation.returned:1"] = "urn:liencap:escalation.returned:1"
    data: Return


class EscalationAnswered(EscalationEvent):
    """The lead body answers."""

    type: Literal["escalation.answered"] = "escalation.answered"
    dataschema: Literal["urn:liencap:escalation.answered:1"] = "urn:liencap:escalation.answered:1"
    data: Answer


class EscalationReminded(EscalationEvent):
    """The provincial office reminds the receiver that its step is awaited; it moves no deadline."""

    type: Literal["escalation.reminded"] = "escalation.reminded"
    dataschema: Literal["urn:liencap:escalation.reminded:1"] = "urn:liencap:escalation.reminded:1"
    data: Step


class EscalationWithdrawn(EscalationEvent):
    """The sender takes it back."""

    type: Literal["escalation.withdrawn"] = "escalation.withdrawn"
    dataschema: Literal["urn:liencap:escalation.withdrawn:1"] = "urn:liencap:escalation.withdrawn:1"
    data: Step


ESCALATION_EVENTS: tuple[type[EscalationEvent], ...] = (
    EscalationProposed,
    EscalationReferred,
    EscalationApproved,
    EscalationCorrectionAsked,
    EscalationCorrected,
    EscalationSent,
    EscalationAcknowledged,
    EscalationAccepted,
    EscalationReturned,
    EscalationAnswered,
    EscalationReminded,
    EscalationWithdrawn,
)
