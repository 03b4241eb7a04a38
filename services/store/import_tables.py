"""Tables of imports in the operational store: each run with its outcome, and what it changed of which case."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, String, Table, Uuid

from services.store.store import METADATA, UtcInstant

IMPORT_RUNS = Table(
    "import_runs",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("began_at", UtcInstant, nullable=False),
    Column("finished_at", UtcInstant),
    Column("sender", String(200), nullable=False),
    Column("target", String(120), nullable=False),
    Column("unit_code", String(5), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("mapping_name", String(255), nullable=False),
    Column("mapping_sha256", String(64), nullable=False),
    Column("snapshot_on", Date),
    Column("event_count", BigInteger, nullable=False),
    Column("left_out_count", BigInteger, nullable=False),
    Column("passed_over_count", BigInteger, nullable=False),
    Column("converted_count", BigInteger, nullable=False),
    Column("undone_at", UtcInstant),
    Column("undone_by", String(200)),
    Index("import_runs_by_unit", "unit_code", "began_at"),
    Index("import_runs_by_target", "target", "snapshot_on"),
)
"""One row per run. `unit_code` is the commune or the province whose file it was."""

IMPORT_COUNTS = Table(
    "import_counts",
    METADATA,
    Column("run_id", Uuid, primary_key=True),
    # Empty where a row names no commune.
    Column("unit_code", String(5), primary_key=True),
    Column("outcome", String(20), primary_key=True),
    Column("row_count", BigInteger, nullable=False),
    Index("import_counts_by_unit", "unit_code"),
)
"""How many rows of a commune had an outcome."""

IMPORT_REJECTIONS = Table(
    "import_rejections",
    METADATA,
    Column("run_id", Uuid, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("line", BigInteger, nullable=False),
    Column("unit_code", String(5), nullable=False),
    Column("field", String(60), nullable=False),
    Column("reason", String(500), nullable=False),
)
"""Rows that were not taken, by a running number of the run: two sheets of a workbook may have the same line.

The reason names the sheet where there are several; the content of a row stays in the source.
"""

IMPORT_CASES = Table(
    "import_cases",
    METADATA,
    Column("run_id", Uuid, primary_key=True),
    Column("case_key", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("state_before", LargeBinary),
    Column("confirmed_by", Uuid),
    Index("import_cases_by_case", "case_key"),
)
"""The cases that a run changed: the last `seq` that it gave, and the state before it, NULL where it made the case.

`confirmed_by` is the later import that stated the same, or BY_AN_ACT.
"""

RETRACTED_CASES = Table(
    "retracted_cases",
    METADATA,
    Column("case_key", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""Cases that were taken back and are in no list: the next statement of one has a higher `seq`."""
