"""Judge what was sent as an attachment by its content, never by a name: a photo is drawn anew, a document is checked."""

from __future__ import annotations

from events.attachments import AttachmentKind
from services.documents.attached_document import check_docx, check_pdf
from services.documents.attached_photo import redrawn
from services.documents.attachment_limits import AttachmentLimits, Checked
from services.errors import BadInput

_PDF, _ZIP = b"%PDF-", b"PK\x03\x04"


def checked(content: bytes, limits: AttachmentLimits) -> Checked:
    """Return a content as it is kept.

    Raises:
        BadInput: it is no photo, PDF or DOCX, is larger than it may be, broken, encrypted, or contains a program.
    """
    kind = _kind_of(content)
    if len(content) > (limits.photo_sent if kind == "jpeg" else limits.document):
        raise BadInput("the file is larger than an attachment may be", field="size")
    if kind == "jpeg":
        return Checked(kind, redrawn(content, limits.photo))
    (check_pdf if kind == "pdf" else check_docx)(content)
    return Checked(kind, content)


def _kind_of(content: bytes) -> AttachmentKind:
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (content[:4], content[8:12]) == (
        b"RIFF",
        b"WEBP",
    ):
        return "jpeg"
    if content.startswith(_PDF):
        return "pdf"
    if content.startswith(_ZIP):
        return "docx"
    raise BadInput("this is no photo (JPEG, PNG, WebP), PDF or DOCX", field="content")
