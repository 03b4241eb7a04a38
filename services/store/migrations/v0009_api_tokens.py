"""Table of API tokens: whose, for what, until when, last used, revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("body", sa.String(80)),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("scopes", sa.String(500), nullable=False),
        sa.Column("key_id", sa.String(20), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_by", sa.String(200)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("api_tokens_by_unit", "api_tokens", ["unit_code"])
    op.create_index("api_tokens_revoked", "api_tokens", ["revoked_at", "expires_at"])
