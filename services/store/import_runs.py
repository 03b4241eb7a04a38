"""The records of imports: sender, instant, file, mapping, outcome of the rows, undoing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, Select, delete, func, or_, select, update

from services.errors import Conflict
from services.store.import_cases import forget_confirmed
from services.store.import_tables import IMPORT_CASES, IMPORT_COUNTS, IMPORT_REJECTIONS, IMPORT_RUNS
from services.store.row_writer import insert_rows, upsert
from services.store.store import PROGRESS, Store

KEPT_DAYS = 90
"""How long a run can be taken back: after that the states before it are forgotten."""
_LONGEST_REASON = 500
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class StartedRun:
    """A run before its first row."""

    id: UUID
    began_at: dt.datetime
    sender: str
    target: str
    unit_code: str
    kind: str
    file_name: str
    file_sha256: str
    mapping_name: str
    mapping_sha256: str
    snapshot_on: dt.date | None


class RejectedRow(NamedTuple):
    """A row that was not taken, by its line."""

    line: int
    unit_code: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class RowTotals:
    """Further counts of a run: events of a log, rows left out by a rule, lines that are no rows, texts converted."""

    events: int = 0
    left_out: int = 0
    passed_over: int = 0
    converted: int = 0


@dataclass(slots=True)
class RunRecord:
    """A run as it is shown; `counts` are its rows by outcome, of one commune where one is asked for."""

    id: UUID
    began_at: dt.datetime
    finished_at: dt.datetime | None
    sender: str
    target: str
    unit_code: str
    kind: str
    file_name: str
    file_sha256: str
    mapping_name: str
    mapping_sha256: str
    snapshot_on: dt.date | None
    totals: RowTotals
    undone_at: dt.datetime | None
    undone_by: str | None
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def taken_count(self) -> int:
        """Return how many rows changed a case or made one."""
        return self.counts["created"] + self.counts["advanced"]


class ImportRuns:
    """Writes and reads the records of imports."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self, run: StartedRun, *, goes_on: bool) -> UUID:
        """Begin a run and return its id.

        Args:
            goes_on: go on with the unfinished run of the same file, mapping and target, if there is one.
        """
        with self._store.begin() as conn:
            known = conn.scalar(_unfinished(run))
            if known is not None and goes_on:
                return known
            self._forget_old(conn, run.began_at - dt.timedelta(days=KEPT_DAYS))
            row = {name: getattr(run, name) for name in StartedRun.__slots__}
            row |= {name: row[name][:_LONGEST_NAME] for name in ("file_name", "mapping_name")}
            zeros = ("event_count", "left_out_count", "passed_over_count", "converted_count")
            insert_rows(conn, IMPORT_RUNS, [{**row, **dict.fromkeys(zeros, 0)}])
        return run.id

    def check_day(self, run: StartedRun) -> None:
        """Check that a run that was interrupted goes on with the day that it had.

        Raises:
            Conflict: it had another day.
        """
        query = _unfinished(run).add_columns(IMPORT_RUNS.c.snapshot_on)
        with self._store.read() as conn:
            known = conn.execute(query).first()
        if known is not None and known.snapshot_on != run.snapshot_on:
            raise Conflict(
                f"{run.file_name} was interrupted while it was imported as of {known.snapshot_on}: go on with that day, "
                "or begin anew with --restart"
            )

    def note(
        self,
        conn: Connection,
        run_id: UUID,
        counts: Counter[tuple[str, str]],
        rejected: Sequence[RejectedRow],
    ) -> None:
        """Add the rows of a chunk by commune and outcome, in the transaction that notes the chunk as done."""
        query = select(IMPORT_COUNTS).where(IMPORT_COUNTS.c.run_id == run_id)
        known = Counter({(row.unit_code, row.outcome): row.row_count for row in conn.execute(query)})
        rows = [
            {
                "run_id": run_id,
                "unit_code": unit,
                "outcome": outcome,
                "row_count": count + known[unit, outcome],
            }
            for (unit, outcome), count in counts.items()
        ]
        upsert(conn, IMPORT_COUNTS, rows)
        number = func.coalesce(func.max(IMPORT_REJECTIONS.c.number), 0)
        last: int = conn.scalar(select(number).where(IMPORT_REJECTIONS.c.run_id == run_id)) or 0
        insert_rows(
            conn,
            IMPORT_REJECTIONS,
            [
                {"run_id": run_id, "number": n, **one._asdict(), "reason": one.reason[:_LONGEST_REASON]}
                for n, one in enumerate(rejected, last + 1)
            ],
        )

    def finish(self, conn: Connection, run_id: UUID, totals: RowTotals, now: dt.datetime) -> None:
        """Note that the last row of a run is done, in the transaction that notes it in the progress."""
        values = {
            "event_count": totals.events,
            "left_out_count": totals.left_out,
            "passed_over_count": totals.passed_over,
            "converted_count": totals.converted,
            "finished_at": now,
        }
        conn.execute(update(IMPORT_RUNS).where(IMPORT_RUNS.c.id == run_id).values(values))

    def begin_undo(self, run: RunRecord, by: str) -> None:
        """Note that a run is being taken back: no import goes on with it, and its file begins at the first row."""
        with self._store.begin() as conn:
            conn.execute(update(IMPORT_RUNS).where(IMPORT_RUNS.c.id == run.id).values(undone_by=by))
            forget_confirmed(conn, run.id)
            conn.execute(
                delete(PROGRESS).where(
                    PROGRESS.c.file_sha256 == run.file_sha256,
                    PROGRESS.c.mapping_sha256 == run.mapping_sha256,
                    PROGRESS.c.target == run.target,
                )
            )

    def end_undo(self, run: RunRecord, now: dt.datetime) -> None:
        """Note that a run was taken back, but for what later imports or acts touched."""
        with self._store.begin() as conn:
            conn.execute(update(IMPORT_RUNS).where(IMPORT_RUNS.c.id == run.id).values(undone_at=now))

    def get(self, run_id: UUID) -> RunRecord | None:
        """Return a run; None where there is none."""
        with self._store.read() as conn:
            found = conn.execute(select(IMPORT_RUNS).where(IMPORT_RUNS.c.id == run_id)).one_or_none()
            return None if found is None else self._records(conn, [found], None)[0]

    def of_unit(self, unit_code: str, *, most: int = 50) -> list[RunRecord]:
        """Return the newest runs of a commune or province: its own files, and those with rows of the commune."""
        named = select(IMPORT_COUNTS.c.run_id).where(IMPORT_COUNTS.c.unit_code == unit_code)
        query = (
            select(IMPORT_RUNS)
            .where(or_(IMPORT_RUNS.c.unit_code == unit_code, IMPORT_RUNS.c.id.in_(named)))
            .order_by(IMPORT_RUNS.c.began_at.desc())
            .limit(most)
        )
        with self._store.read() as conn:
            return self._records(conn, conn.execute(query).all(), unit_code)

    def latest_of(self, unit_codes: Collection[str]) -> dict[str, RunRecord]:
        """Return the newest finished run of each of some communes, with the counts of the commune."""
        at = func.max(IMPORT_RUNS.c.began_at).label("at")
        query = (
            select(IMPORT_COUNTS.c.unit_code, at)
            .join(IMPORT_RUNS, IMPORT_RUNS.c.id == IMPORT_COUNTS.c.run_id)
            .where(IMPORT_COUNTS.c.unit_code.in_(unit_codes), IMPORT_RUNS.c.undone_by.is_(None))
            .group_by(IMPORT_COUNTS.c.unit_code)
        )
        found: dict[str, RunRecord] = {}
        with self._store.read() as conn:
            for unit_code, began_at in conn.execute(query).all():
                rows = conn.execute(select(IMPORT_RUNS).where(IMPORT_RUNS.c.began_at == began_at)).all()
                for record in self._records(conn, rows, unit_code):
                    if record.counts:
                        found[unit_code] = record
        return found

    def rejected(self, run_id: UUID, unit_code: str | None = None) -> list[RejectedRow]:
        """Return the rows that a run did not take, in the order of their lines; of one commune where one is named."""
        query = select(IMPORT_REJECTIONS).where(IMPORT_REJECTIONS.c.run_id == run_id)
        if unit_code is not None:
            query = query.where(IMPORT_REJECTIONS.c.unit_code == unit_code)
        with self._store.read() as conn:
            rows = conn.execute(query.order_by(IMPORT_REJECTIONS.c.line, IMPORT_REJECTIONS.c.number)).all()
        return [RejectedRow(row.line, row.unit_code, row.field, row.reason) for row in rows]

    def snapshots_of(self, unit_codes: Collection[str], since: dt.date | None = None) -> list[RunRecord]:
        """Return the runs of snapshots of some communes and provinces that have a day and stand, the latest day first."""
        query = (
            select(IMPORT_RUNS)
            .where(
                IMPORT_RUNS.c.unit_code.in_(unit_codes),
                IMPORT_RUNS.c.kind == "snapshot",
                IMPORT_RUNS.c.snapshot_on.is_not(None),
                IMPORT_RUNS.c.undone_at.is_(None),
            )
            .order_by(IMPORT_RUNS.c.snapshot_on.desc(), IMPORT_RUNS.c.began_at.desc())
        )
        if since is not None:
            query = query.where(IMPORT_RUNS.c.snapshot_on >= since)
        with self._store.read() as conn:
            return self._records(conn, conn.execute(query).all(), None)

    def _records(
        self, conn: Connection, rows: Sequence[Row[tuple[object, ...]]], commune: str | None
    ) -> list[RunRecord]:
        """Return rows as records; of a file of another unit only what concerns the commune is counted."""
        records = [_record_of(row) for row in rows]
        by_id = {one.id: one for one in records}
        query = select(IMPORT_COUNTS).where(IMPORT_COUNTS.c.run_id.in_(list(by_id)))
        for row in conn.execute(query):
            record = by_id[row.run_id]
            if commune in {None, record.unit_code, row.unit_code}:
                record.counts[row.outcome] += row.row_count
        return records

    def _forget_old(self, conn: Connection, before: dt.datetime) -> None:
        old = select(IMPORT_RUNS.c.id).where(IMPORT_RUNS.c.began_at < before)
        conn.execute(delete(IMPORT_CASES).where(IMPORT_CASES.c.run_id.in_(old)))


def _unfinished(run: StartedRun) -> Select[UUID]:
    return (
        select(IMPORT_RUNS.c.id)
        .where(
            IMPORT_RUNS.c.file_sha256 == run.file_sha256,
            IMPORT_RUNS.c.mapping_sha256 == run.mapping_sha256,
            IMPORT_RUNS.c.target == run.target,
            IMPORT_RUNS.c.finished_at.is_(None),
            IMPORT_RUNS.c.undone_by.is_(None),
        )
        .order_by(IMPORT_RUNS.c.began_at.desc())
        .limit(1)
    )


def _record_of(row: Row[tuple[object, ...]]) -> RunRecord:
    found = dict(row._mapping)  # noqa: SLF001 -- the public name of SQLAlchemy for a row as a mapping
    totals = RowTotals(
        *(
            found.pop(name)
            for name in ("event_count", "left_out_count", "passed_over_count", "converted_count")
        )
    )
    return RunRecord(**found, totals=totals)
