"""Tables of the first release. A store of that release has them already and is adopted as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the missing tables."""
    _make_cases()
    _make_outbox()
    _make_answers_and_texts()
    _make_notes()


def _make_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_key", sa.String(64), primary_key=True),
        sa.Column("dossier_code", sa.String(100)),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("received_unit_code", sa.String(5), nullable=False),
        sa.Column("status_code", sa.SmallInteger, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("closed_on", sa.Date),
        sa.Column("paused_on", sa.Date),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_index("cases_by_unit", "cases", ["unit_code", "status_code"], if_not_exists=True)
    op.create_index("cases_by_reception", "cases", ["received_unit_code", "status_code"], if_not_exists=True)


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("topic", sa.String(60), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("epoch", sa.Integer),
        sa.Column("partition", sa.Integer),
        sa.Column("log_offset", sa.BigInteger),
        sa.Column("failed_reason", sa.Text),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("outbox_waiting", "outbox", ["published_at", "failed_reason", "id"], if_not_exists=True)
    op.create_index(
        "outbox_positions", "outbox", ["topic", "partition", "epoch", "log_offset"], if_not_exists=True
    )


def _make_answers_and_texts() -> None:
    op.create_table(
        "idempotency",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("response", sa.LargeBinary, nullable=False),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "texts",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.Column("erased_by", sa.String(200)),
        sa.Column("erased_reason", sa.String(500)),
        if_not_exists=True,
    )
    op.create_index("texts_by_unit", "texts", ["unit_code", "purpose"], if_not_exists=True)


def _make_notes() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "import_progress",
        sa.Column("file_sha256", sa.String(64), primary_key=True),
        sa.Column("mapping_sha256", sa.String(64), primary_key=True),
        sa.Column("target", sa.String(120), primary_key=True),
        sa.Column("rows_done", sa.BigInteger, nullable=False),
        sa.Column("error_bytes", sa.BigInteger, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        if_not_exists=True,
    )
