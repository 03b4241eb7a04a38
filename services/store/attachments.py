"""Attachments in the store: rows beside files, uploads under way, and erasure for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, update

from events.attachments import Attachment, AttachmentKind, AttachmentPurpose
from services.errors import Conflict, KeyReused, NotFound
from services.store.attachment_files import AttachmentFiles
from services.store.attachment_tables import ATTACHMENTS, UPLOADS
from services.store.row_writer import Values, insert_missing
from services.store.store import Store

KEEP_UPLOADS = dt.timedelta(days=30)
"""A device may be offline for weeks between two pieces; after that it begins again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One attachment as the store has it."""

    id: UUID
    issue_id: UUID
    unit_code: str
    purpose: AttachmentPurpose
    kind: AttachmentKind
    sha256: str
    size: int
    added_at: dt.datetime
    added_by: str
    escalation_id: UUID | None = None
    erased_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One upload as it was announced: what is to come, and what it belongs to."""

    id: UUID
    issue_id: UUID
    purpose: AttachmentPurpose
    sha256: str
    size: int
    escalation_id: UUID | None = None
    on_behalf_of: str | None = None


class AttachmentStore:
    """Keeps attachments and uploads; a row is written only after its file is on the disk."""

    def __init__(self, store: Store, files: AttachmentFiles, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._clock = clock
        self.files = files

    def find(self, attachment_id: UUID) -> Kept | None:
        """Return an attachment, erased or not; None where this store never had it."""
        with self._store.read() as conn:
            row = (
                conn.execute(select(*_SHOWN).where(ATTACHMENTS.c.id == attachment_id))
                .mappings()
                .one_or_none()
            )
        return None if row is None else Kept(**row)

    def of_issue(self, issue_id: UUID) -> list[Kept]:
        """Return the attachments of an issue, in the order in which they came; also erased ones."""
        query = select(*_SHOWN).where(ATTACHMENTS.c.issue_id == issue_id)
        with self._store.read() as conn:
            rows = conn.execute(query.order_by(ATTACHMENTS.c.added_at, ATTACHMENTS.c.id)).mappings().all()
        return [Kept(**row) for row in rows]

    def announce(self, upload: Upload, *, limit: int) -> Upload:
        """Store an upload before its first piece; one that is announced again stays as it is.

        Args:
            limit: how many attachments and uploads an issue may have.

        Raises:
            KeyReused: another file was announced under this id.
            Conflict: the issue has as many attachments as it may.
        """
        now = self._clock()
        with self._store.begin() as conn:
            for (stale,) in conn.execute(
                select(UPLOADS.c.id).where(UPLOADS.c.begun_at < now - KEEP_UPLOADS)
            ).all():
                self._drop(conn, stale)
            known = _upload(conn, upload.id)
            if known is not None and known != upload:
                raise KeyReused("another file was announced under this id: make a new one", field="client_id")
            if known is None:
                if _count_of(conn, upload.issue_id) >= limit:
                    raise Conflict(f"an issue has at most {limit} attachments")
                row = {name: getattr(upload, name) for name in Upload.__slots__}
                insert_missing(conn, UPLOADS, [{**row, "begun_at": now}], unique="id")
        return upload

    def upload(self, upload_id: UUID) -> Upload:
        """Return an upload under way.

        Raises:
            NotFound: none of that id is under way.
        """
        with self._store.read() as conn:
            found = _upload(conn, upload_id)
        if found is None:
            raise NotFound(f"there is no upload {upload_id}", field="upload_id")
        return found

    def give_up(self, upload_id: UUID) -> None:
        """Forget an upload whose content cannot be kept."""
        with self._store.begin() as conn:
            self._drop(conn, upload_id)

    def keep(
        self, conn: Connection, upload: Upload, said: Attachment, content: bytes, *, by: str, at: dt.datetime
    ) -> None:
        """Write the row of an attachment in the caller's transaction, its file before that; the upload ends."""
        # Once more under the writer's turn: an erasure of the same content may have come between.
        self.files.keep(content)
        put_attachments(conn, [kept_values(upload.issue_id, said, by=by, at=at)])
        conn.execute(delete(UPLOADS).where(UPLOADS.c.id == upload.id))

    def erase(self, conn: Connection, attachment_id: UUID, *, by: str, at: dt.datetime) -> None:
        """Erase an attachment in the caller's transaction; the file goes unless another attachment is the same content."""
        note_erased(conn, attachment_id, by=by, at=at)
        sha256 = conn.scalar(select(ATTACHMENTS.c.sha256).where(ATTACHMENTS.c.id == attachment_id))
        same = select(func.count()).where(ATTACHMENTS.c.sha256 == sha256, ATTACHMENTS.c.erased_at.is_(None))
        if sha256 is not None and not conn.scalar(same):
            self.files.erase(sha256)

    def faults(self) -> list[str]:
        """Return each attachment whose content is gone or changed although nobody erased it, and each erased one that is there."""
        with self._store.read() as conn:
            rows = conn.execute(select(ATTACHMENTS.c.id, ATTACHMENTS.c.sha256, ATTACHMENTS.c.erased_at)).all()
        live = {row.sha256 for row in rows if row.erased_at is None}
        gone = {sha256 for sha256 in live if not self.files.holds(sha256)}
        left = {row.sha256 for row in rows} - live
        lost = [
            f"attachment {row.id}: its file is gone or is another"
            for row in rows
            if row.erased_at is None and row.sha256 in gone
        ]
        return lost + [
            f"content {sha256}: erased, and its file is there"
            for sha256 in sorted(left)
            if self.files.holds(sha256)
        ]

    def _drop(self, conn: Connection, upload_id: UUID) -> None:
        conn.execute(delete(UPLOADS).where(UPLOADS.c.id == upload_id))
        self.files.drop(upload_id)


_SHOWN = tuple(ATTACHMENTS.c[name] for name in Kept.__slots__)
_ANNOUNCED = tuple(UPLOADS.c[name] for name in Upload.__slots__)


def kept_values(issue_id: UUID, said: Attachment, *, by: str, at: dt.datetime) -> Values:
    """Return the row of an attachment."""
    return {
        "id": said.attachment_id,
        "issue_id": issue_id,
        "escalation_id": said.escalation_id,
        "unit_code": said.unit_code,
        "purpose": said.purpose,
        "kind": said.kind,
        "sha256": said.sha256,
        "size": said.size,
        "added_at": at,
        "added_by": by,
        "erased_at": None,
        "erased_by": None,
    }


def put_attachments(conn: Connection, rows: Iterable[Values]) -> None:
    """Store rows of attachments; one that is there stays."""
    insert_missing(conn, ATTACHMENTS, list(rows), unique="id")


def note_erased(conn: Connection, attachment_id: UUID, *, by: str, at: dt.datetime) -> None:
    """Note in the caller's transaction who erased an attachment; the first note stays."""
    theirs = (ATTACHMENTS.c.id == attachment_id) & ATTACHMENTS.c.erased_at.is_(None)
    conn.execute(update(ATTACHMENTS).where(theirs).values(erased_at=at, erased_by=by))


def _upload(conn: Connection, upload_id: UUID) -> Upload | None:
    row = conn.execute(select(*_ANNOUNCED).where(UPLOADS.c.id == upload_id)).mappings().one_or_none()
    return None if row is None else Upload(**row)


def _count_of(conn: Connection, issue_id: UUID) -> int:
    kept = select(func.count()).where(ATTACHMENTS.c.issue_id == issue_id, ATTACHMENTS.c.erased_at.is_(None))
    coming = select(func.count()).where(UPLOADS.c.issue_id == issue_id)
    return (conn.scalar(kept) or 0) + (conn.scalar(coming) or 0)
