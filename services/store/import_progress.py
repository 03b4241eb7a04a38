"""Progress of imports, and the cases that a snapshot should contain, in the operational store."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, select

from services.store.row_writer import upsert
from services.store.store import CASES, PROGRESS, Store

# Waiting for reception, accepted, in process, supplement or fee requested, withdrawal asked for: still open.
OPEN_STATUS_CODES = (1, 2, 4, 5, 6, 7)
LONGEST_TARGET = 120
"""Stored characters of a target, which may hold the name of a file's column, of any length."""
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class ImportKey:
    """Identity of an import."""

    file_sha256: str
    mapping_sha256: str
    target: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Stored progress of an import; `counts` is its summary so far."""

    rows_done: int = 0
    error_bytes: int = 0
    counts: dict[str, int] = field(default_factory=dict)


class ImportProgress:
    """Stores the progress of imports durably."""

    def __init__(self, store: Store, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._clock = clock

    def unfinished(self, key: ImportKey) -> Noted:
        """Return where this import stopped; the beginning where it never began or has finished."""
        query = select(PROGRESS).where(
            PROGRESS.c.file_sha256 == key.file_sha256,
            PROGRESS.c.mapping_sha256 == key.mapping_sha256,
            PROGRESS.c.target == key.target,
            PROGRESS.c.finished_at.is_(None),
        )
        with self._store.read() as conn:
            row = conn.execute(query).one_or_none()
        return Noted() if row is None else Noted(row.rows_done, row.error_bytes, json.loads(row.counts))

    def note(
        self,
        key: ImportKey,
        noted: Noted,
        *,
        finished: bool = False,
        also: Callable[[Connection], None] = lambda _conn: None,
    ) -> None:
        """Store how far the import has come; the rows before that must be durable already.

        Args:
            also: writes what belongs to this note, in its transaction.
        """
        now = self._clock()
        with self._store.begin() as conn:
            upsert(
                conn,
                PROGRESS,
                [
                    {
                        "file_sha256": key.file_sha256,
                        "mapping_sha256": key.mapping_sha256,
                        "target": key.target,
                        "rows_done": noted.rows_done,
                        "error_bytes": noted.error_bytes,
                        "counts": json.dumps(noted.counts),
                        "noted_at": now,
                        "finished_at": now if finished else None,
                    }
                ],
            )
            also(conn)


def open_snapshot_cases(store: Store, unit_codes: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield unit and dossier code of each open case that came from a snapshot of these units."""
    with store.read() as conn:
        for unit_code in sorted(unit_codes):
            query = select(CASES.c.received_unit_code, CASES.c.dossier_code, CASES.c.state).where(
                and_(
                    CASES.c.unit_code == unit_code,
                    CASES.c.status_code.in_(OPEN_STATUS_CODES),
                    CASES.c.dossier_code.is_not(None),
                )
            )
            for received_unit_code, dossier_code, state in conn.execute(query).yield_per(_BATCH):
                if received_unit_code in unit_codes and json.loads(state).get("pause_known") is False:
                    yield unit_code, dossier_code
