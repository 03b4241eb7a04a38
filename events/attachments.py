"""Photos and documents beside an issue: the log holds what identifies their content, and never the content itself."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args
from uuid import UUID

from pydantic import Field, model_validator

from events.fields import CommuneCode, Payload, TextRef
from events.issues import IssueEvent

AttachmentPurpose = Literal["report", "proposal", "answer"]
"""What an attachment belongs to: what the commune reports, the signed proposal, or the answer."""
AttachmentKind = Literal["jpeg", "pdf", "docx"]
"""The kind of content as it is kept; photos of every kind are kept as JPEG."""
PURPOSES: tuple[AttachmentPurpose, ...] = get_args(AttachmentPurpose)
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Attachment(Payload):
    """What was attached: purpose, kind, size and hash of the content as it is kept; neither a name of a file nor a place.

    `unit_code` is the commune of the issue, beside whose texts the content is kept.
    `escalation_id` names the proposal or the answer's escalation; a report has none.
    """

    attachment_id: UUID
    unit_code: CommuneCode
    purpose: AttachmentPurpose
    kind: AttachmentKind
    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=100_000_000)]
    escalation_id: UUID | None = None

    @model_validator(mode="after")
    def _belongs_to_one_thing(self) -> Self:
        if (self.purpose == "report") != (self.escalation_id is None):
            raise ValueError(
                "an attachment of a proposal or an answer names its escalation, one of a report none"
            )
        return self


class AttachmentErasure(Payload):
    """Which attachment is erased, and why; the reason is a text that can be erased itself."""

    attachment_id: UUID
    reason: TextRef | None = None


class IssueAttachmentAdded(IssueEvent):
    """A photo or a document was attached to an issue."""

    type: Literal["issue.attachment_added"] = "issue.attachment_added"
    dataschema: Literal["urn:liencap:issue.attachment_added:1"] = "urn:liencap:issue.attachment_added:1"
    data: Attachment


class IssueAttachmentErased(IssueEvent):
    """The content of an attachment is gone for good; its hash stays in the log."""

    type: Literal["issue.attachment_erased"] = "issue.attachment_erased"
    dataschema: Literal["urn:liencap:issue.attachment_erased:1"] = "urn:liencap:issue.attachment_erased:1"
    data: AttachmentErasure


ATTACHMENT_EVENTS: tuple[type[IssueEvent], ...] = (IssueAttachmentAdded, IssueAttachmentErased)
