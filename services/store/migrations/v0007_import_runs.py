"""Tables of imports: each run with its outcome, and what it changed of which case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "import_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("sender", sa.String(200), nullable=False),
        sa.Column("target", sa.String(120), nullable=False),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("mapping_name", sa.String(255), nullable=False),
        sa.Column("mapping_sha256", sa.String(64), nullable=False),
        sa.Column("snapshot_on", sa.Date()),
        sa.Column("event_count", sa.BigInteger(), nullable=False),
        sa.Column("left_out_count", sa.BigInteger(), nullable=False),
        sa.Column("passed_over_count", sa.BigInteger(), nullable=False),
        sa.Column("converted_count", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.String(200)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("import_runs_by_unit", "import_runs", ["unit_code", "began_at"])
    op.create_index("import_runs_by_target", "import_runs", ["target", "snapshot_on"])
    op.create_table(
        "import_counts",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "unit_code", "outcome"),
    )
    op.create_index("import_counts_by_unit", "import_counts", ["unit_code"])
    op.create_table(
        "import_rejections",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("unit_code", sa.String(5), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number"),
    )
    op.create_table(
        "import_cases",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("case_key", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("state_before", sa.LargeBinary()),
        sa.Column("confirmed_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("run_id", "case_key"),
    )
    op.create_index("import_cases_by_case", "import_cases", ["case_key"])
    op.create_table(
        "retracted_cases",
        sa.Column("case_key", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_key"),
    )
