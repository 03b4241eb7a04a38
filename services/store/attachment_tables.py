"""Tables of attachments in the operational store: what is kept beside issues, and uploads under way."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Uuid

from services.store.store import METADATA, UtcInstant

ATTACHMENTS = Table(
    "attachments",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("issue_id", Uuid, nullable=False),
    Column("escalation_id", Uuid),
    Column("unit_code", String(5), nullable=False),
    Column("purpose", String(10), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("added_at", UtcInstant, nullable=False),
    Column("added_by", String(200), nullable=False),
    Column("erased_at", UtcInstant),
    Column("erased_by", String(200)),
    Index("attachments_by_issue", "issue_id"),
    Index("attachments_by_content", "sha256"),
)
"""One row per attachment; the content is a file named by its hash. A row stays when its content is erased."""

UPLOADS = Table(
    "attachment_uploads",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("issue_id", Uuid, nullable=False),
    Column("escalation_id", Uuid),
    Column("purpose", String(10), nullable=False),
    Column("on_behalf_of", String(80)),
    # Of the file as it is sent; a photo is drawn anew before it is kept.
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("begun_at", UtcInstant, nullable=False),
    Index("attachment_uploads_by_issue", "issue_id"),
)
"""One row per upload that began and has not become an attachment; what has arrived is the length of its file."""
