"""Tables of attachments: what is kept beside issues, and uploads under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("escalation_id", sa.Uuid()),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.Column("erased_by", sa.String(200)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("attachments_by_issue", "attachments", ["issue_id"])
    op.create_index("attachments_by_content", "attachments", ["sha256"])
    op.create_table(
        "attachment_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("escalation_id", sa.Uuid()),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("on_behalf_of", sa.String(80)),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("attachment_uploads_by_issue", "attachment_uploads", ["issue_id"])
