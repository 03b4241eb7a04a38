"""Table of sessions: who is signed in, until when, and who ended it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "sessions",
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("body", sa.String(80)),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("how", sa.String(20), nullable=False),
        sa.Column("token_id", sa.String(40)),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(200)),
        sa.PrimaryKeyConstraint("key_sha256"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("sessions_by_unit", "sessions", ["unit_code", "subject"])
    op.create_index("sessions_by_token", "sessions", ["token_id"])
    op.create_index("sessions_by_expiry", "sessions", ["expires_at"])
