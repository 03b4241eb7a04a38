"""Tables of notices: recipients, readings, deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    _make_notices()
    _make_readers()
    _make_deliveries()


def _make_notices() -> None:
    op.create_table(
        "notice_starts",
        sa.Column("topic", sa.String(60), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", "epoch"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(40), nullable=False),
        sa.Column("body", sa.String(80), nullable=False),
        sa.Column("territory", sa.String(5), nullable=False),
        sa.Column("roles", sa.String(200), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("kind", sa.String(80)),
        sa.Column("issue_id", sa.Uuid()),
        sa.Column("escalation_id", sa.Uuid()),
        sa.Column("detail", sa.String(40)),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notices_by_body", "notices", ["body", "noted_at"])
    op.create_index("notices_by_territory", "notices", ["territory", "noted_at"])


def _make_readers() -> None:
    op.create_table(
        "notice_readers",
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("muted", sa.Text(), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True)),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_table(
        "notice_reads",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "subject"),
    )


def _make_deliveries() -> None:
    op.create_table(
        "notice_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String(300)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notice_deliveries_by_notice", "notice_deliveries", ["notice_id"])
    op.create_index("notice_deliveries_due", "notice_deliveries", ["state", "due_at"])
    op.create_table(
        "notice_subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(80), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("secret", sa.String(100)),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(200)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notice_subscriptions_by_body", "notice_subscriptions", ["body"])
