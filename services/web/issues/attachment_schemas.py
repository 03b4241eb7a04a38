"""Bodies and answers of the operations of attachments."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field

from events.attachments import AttachmentKind, AttachmentPurpose, Sha256
from events.fields import Slug
from services.acting.inputs import Input
from services.store.attachments import Kept
from services.web.shell.schemas import Answer


class AnnouncedFile(Input):
    """A file that is to come: its client's id, what it belongs to, its size and hash. Its name stays on the device."""

    client_id: UUID
    purpose: AttachmentPurpose
    size: Annotated[int, Field(ge=1, le=100_000_000)]
    sha256: Sha256
    escalation_id: UUID | None = None
    on_behalf_of: Slug | None = None


class AttachmentView(Answer):
    """One attachment; `erased_at` names since when its content is gone."""

    id: UUID
    issue_id: UUID
    purpose: AttachmentPurpose
    kind: AttachmentKind
    size: int
    sha256: str
    escalation_id: UUID | None
    added_at: dt.datetime
    erased_at: dt.datetime | None


class UploadView(Answer):
    """How much of an upload has arrived; once all of it has, the attachment with its size as it is kept."""

    id: UUID
    received: int
    size: int
    attachment: AttachmentView | None = None


class AttachmentList(Answer):
    """The attachments of an issue, in the order in which they came."""

    items: list[AttachmentView]


def shown(kept: Kept) -> AttachmentView:
    """Return an attachment as it is answered, without who added it."""
    return AttachmentView(**{name: getattr(kept, name) for name in AttachmentView.model_fields})
