"""Tables of the weekly mail: who asked for it, and the letter of each week."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "weekly_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("body", sa.String(80)),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(200)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("weekly_mails_by_unit", "weekly_mails", ["unit_code"])
    op.create_table(
        "weekly_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String(300)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("weekly_letters_due", "weekly_letters", ["state", "due_at"])
