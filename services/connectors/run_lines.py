"""The record of an import as one line for people."""

from __future__ import annotations

from services.connectors.summary import REJECTED, TAKEN
from services.store.import_runs import RunRecord


def line_of(record: RunRecord) -> str:
    """Return number, instant, file and outcome of an import."""
    counts = ", ".join(f"{record.counts[name]:,} {name}" for name in (*TAKEN, REJECTED))
    day = f" of {record.snapshot_on}" if record.snapshot_on is not None else ""
    state = "" if record.finished_at is not None else " (not finished)"
    if record.undone_at is not None:
        state = f" (taken back on {record.undone_at:%Y-%m-%d %H:%M} UTC)"
    return f"{record.id} {record.began_at:%Y-%m-%d %H:%M} UTC {record.file_name}{day}: {counts}{state}"
