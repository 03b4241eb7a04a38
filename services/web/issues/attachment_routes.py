"""Attachments of issues: a resumable upload, the list, the content, its erasure."""

from __future__ import annotations

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from events.attachments import AttachmentKind
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.acting.act_ids import act_id
from services.acting.attaching import Attaching
from services.acting.inputs import ErasureInput
from services.acting.visible import visible_issue
from services.documents.attached_scan import scan
from services.documents.attachment_limits import AttachmentLimits, limits_on
from services.errors import BadInput, Conflict, NotFound
from services.store.attachments import Kept, Upload
from services.web.issues.attachment_schemas import (
    AnnouncedFile,
    AttachmentList,
    AttachmentView,
    UploadView,
    shown,
)
from services.web.shell.error_schemas import ACTED, READ, SENT, Responses
from services.web.shell.identity import Here, Who
from services.web.shell.parts import Parts

router = APIRouter(prefix="/api/v1", tags=["attachments"])

_MEDIA: dict[AttachmentKind, str] = {
    "jpeg": "image/jpeg",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_ENDINGS: dict[AttachmentKind, str] = {"jpeg": "jpg", "pdf": "pdf", "docx": "docx"}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_CONTENT: Responses = {
    200: {"description": "The content.", "content": dict.fromkeys(_MEDIA.values(), _BYTES)}
}
_PIECE = {
    "requestBody": {
        "description": "The next bytes, at most a million.",
        "required": True,
        "content": {"application/octet-stream": _BYTES},
    }
}


async def _body(request: Request) -> bytes:
    """Return the bytes of a request as they came, whatever they are called."""
    return await request.body()


Piece = Annotated[bytes, Depends(_body)]


@router.post("/issues/{issue_id}/attachments", responses=ACTED)
def announce_attachment(issue_id: UUID, sent: AnnouncedFile, parts: Here, actor: Who) -> UploadView:
    """Announce a file before its first piece. Announced again, it answers how much has arrived."""
    upload = Upload(
        id=act_id(actor, issue_id, sent.client_id),
        issue_id=issue_id,
        purpose=sent.purpose,
        sha256=sent.sha256,
        size=sent.size,
        escalation_id=sent.escalation_id,
        on_behalf_of=sent.on_behalf_of,
    )
    _must_belong(upload)
    kept = parts.attachments.find(upload.id)
    if kept is None:
        limits = _limits(parts)
        if sent.size > limits.largest:
            raise BadInput(f"an attachment has at most {limits.largest:,} bytes", field="size")
        Attaching(parts, parts.attachments, actor).may_attach(upload)
        parts.attachments.announce(upload, limit=limits.count)
    else:
        visible_issue(parts, actor, issue_id, to_act=True)
    return _view(parts, actor, upload, kept)


@router.patch("/issues/{issue_id}/attachments/{client_id}", responses=ACTED, openapi_extra=_PIECE)
def send_piece(
    issue_id: UUID,
    client_id: UUID,
    piece: Piece,
    parts: Here,
    actor: Who,
    offset: Annotated[int, Query(ge=0, description="How many bytes came before this piece.")],
) -> UploadView:
    """Send the next piece. With the last one the content is checked and kept; a repetition answers the same."""
    visible_issue(parts, actor, issue_id, to_act=True)
    upload_id = act_id(actor, issue_id, client_id)
    kept = parts.attachments.find(upload_id)
    if kept is not None:
        return _done(kept)
    upload = parts.attachments.upload(upload_id)
    arrived = parts.attachments.files.arrived(upload_id)
    if offset > arrived or offset + len(piece) > upload.size:
        raise Conflict(f"{arrived:,} of {upload.size:,} bytes have arrived: go on from there", field="offset")
    if offset + len(piece) > arrived:
        parts.attachments.files.append(upload_id, offset, piece)
    return _view(parts, actor, upload, None)


@router.get("/issues/{issue_id}/attachments", responses=READ)
def read_attachments(issue_id: UUID, parts: Here, actor: Who) -> AttachmentList:
    """List the attachments of an issue that the actor may read."""
    visible_issue(parts, actor, issue_id)
    return AttachmentList(items=[shown(kept) for kept in parts.attachments.of_issue(issue_id)])


@router.get("/attachments/{attachment_id}", responses={**READ, **_CONTENT}, response_class=Response)
def read_attachment(attachment_id: UUID, parts: Here, actor: Who) -> Response:
    """Return the content of an attachment to whoever may read its issue. The reading is logged."""
    kept = _found(parts, attachment_id)
    visible_issue(parts, actor, kept.issue_id)
    content = parts.attachments.files.read(kept.sha256) if kept.erased_at is None else None
    if content is None:
        raise NotFound("the content of this attachment is gone", field="attachment_id")
    place = "inline" if kept.kind == "jpeg" else "attachment"
    headers = {
        "content-disposition": f'{place}; filename="{kept.id}.{_ENDINGS[kept.kind]}"',
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type=_MEDIA[kept.kind], headers=headers)


@router.post("/attachments/{attachment_id}/erase", responses=SENT)
def erase_attachment(attachment_id: UUID, sent: ErasureInput, parts: Here, actor: Who) -> AttachmentView:
    """Erase the content of an attachment for good with a reason; its hash, the eraser and the instant are kept."""
    return shown(Attaching(parts, parts.attachments, actor).erase(attachment_id, sent.reason))


def _must_belong(upload: Upload) -> None:
    if (upload.purpose == "report") != (upload.escalation_id is None):
        raise BadInput("a proposal or an answer names its escalation, a report none", field="escalation_id")


def _keep(parts: Parts, actor: Actor, upload: Upload) -> Kept:
    """Check and keep an upload that has arrived; one that cannot be kept is forgotten, so that it can be sent anew."""
    # Pictures and PDFs are read where somebody sends one: most processes never load the libraries.
    from services.documents.attached_content import checked  # noqa: PLC0415

    content = parts.attachments.files.uploaded(upload.id)
    try:
        _must_be_announced(content, upload)
        if parts.clamd_socket is not None:
            scan(content, parts.clamd_socket)
        found = checked(content, _limits(parts))
    except BadInput:
        parts.attachments.give_up(upload.id)
        raise
    return Attaching(parts, parts.attachments, actor).attach(upload, found)


def _must_be_announced(content: bytes, upload: Upload) -> None:
    if hashlib.sha256(content).hexdigest() != upload.sha256:
        raise BadInput("what arrived is not the file that was announced: send it again", field="sha256")


def _found(parts: Parts, attachment_id: UUID) -> Kept:
    kept = parts.attachments.find(attachment_id)
    if kept is None:
        raise NotFound(f"there is no attachment {attachment_id}", field="attachment_id")
    return kept


def _view(parts: Parts, actor: Actor, upload: Upload, kept: Kept | None) -> UploadView:
    """Return how far an upload is, and keep it where all of it has arrived, also in an interrupted request before."""
    received = parts.attachments.files.arrived(upload.id)
    if kept is None and received == upload.size:
        kept = _keep(parts, actor, upload)
    return UploadView(id=upload.id, received=received, size=upload.size) if kept is None else _done(kept)


def _done(kept: Kept) -> UploadView:
    return UploadView(id=kept.id, received=kept.size, size=kept.size, attachment=shown(kept))


def _limits(parts: Parts) -> AttachmentLimits:
    return limits_on(parts.tables.thresholds, local_day(parts.clock()))
