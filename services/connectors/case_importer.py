"""Import a file of cases: intake takes rows in chunks, each whole or not at all; each chunk is noted."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from reporting.dated.calendar import LOCAL
from reporting.dated.units import UnitTable
from services.access.actors import label_of
from services.connectors.case_rows import Row, row_of
from services.connectors.errors import BrokenRow, UnusableFile
from services.connectors.event_log import EventCounts, cases_of
from services.connectors.formats import format_of
from services.connectors.mapping import Mapping, mapping_for
from services.connectors.opening import OpenedFile
from services.connectors.records import Record
from services.connectors.snapshot_day import snapshot_day
from services.connectors.summary import REJECTED, ErrorFile, Rejection, Summary
from services.connectors.target import ImportTarget
from services.connectors.undoing import ImportUndo
from services.connectors.unit_names import UnitNames
from services.errors import Conflict
from services.intake.intake import Intake
from services.store.import_progress import (
    LONGEST_TARGET,
    ImportKey,
    ImportProgress,
    Noted,
    open_snapshot_cases,
)
from services.store.import_runs import ImportRuns, RejectedRow, StartedRun
from services.store.store import Store

CHUNK_ROWS = 5_000
_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ImportStep:
    """The progress of an import: the counted rows are durable and stored.

    `row_count` rows of the file are done, those of an earlier, unfinished run included; `share` is from 0 to 1
    where the length of the file is known.
    """

    row_count: int
    rows_per_second: float
    share: float | None


@dataclass(frozen=True, slots=True)
class _Job:
    """One import as requested."""

    path: Path
    mapping: Mapping
    target: ImportTarget
    names: UnitNames
    key: ImportKey
    line_count: int | None
    dry_run: bool
    snapshot_on: dt.date | None
    mapping_name: str
    run_id: UUID | None = None


class CaseImporter:
    """Import files of cases, event logs and snapshots; one import at a time per store."""

    def __init__(
        self,
        intake: Intake,
        units: UnitTable,
        store: Store,
        clock: Callable[[], dt.datetime],
        *,
        chunk_rows: int = CHUNK_ROWS,
    ) -> None:
        """Take the collaborators.

        Args:
            intake: takes the rows.
            units: finds communes by code and name.
            store: holds the notes of progress.
            clock: the current instant, aware, UTC.
            chunk_rows: rows between two notes of progress; intake takes 10,000 at most in one call.
        """
        self._intake = intake
        self._units = units
        self._store = store
        self._clock = clock
        self._progress = ImportProgress(store, clock)
        self._runs = ImportRuns(store)
        self._undo = ImportUndo(intake, store, clock)
        self._chunk_rows = chunk_rows

    def run(
        self,
        path: Path,
        mapping_path: Path,
        target: ImportTarget,
        *,
        dry_run: bool = False,
        restart: bool = False,
        errors: Path | None = None,
        on_step: Callable[[ImportStep], None] = lambda _step: None,
        snapshot_on: dt.date | None = None,
        replay_from: dt.date | None = None,
    ) -> Summary:
        """Import one file, from the row after which an earlier run of the same file, mapping and target stopped.

        Args:
            path: the file.
            mapping_path: the mapping file.
            target: the commune or province of the cases.
            dry_run: only report the result; nothing is written but the error file.
            restart: begin at the first row even if an earlier run stopped in the middle.
            errors: where to list the rows that were not taken.
            on_step: called after each chunk.
            snapshot_on: the day that a snapshot shows; by default the day in its name or title, by the mapping.
            replay_from: take back the snapshots of this day and later first, so that a late day can be taken.

        Raises:
            UnusableFile: the file as a whole cannot be used, and chunks before the fault stay imported; or a snapshot of
                a later day was taken.
            UnusableMapping: the mapping is wrong, or is not for cases.
            UnknownUnit: the target does not exist.
            Conflict: another import is running on this store.
        """
        lock = self._store.lock("import")
        if not lock.try_acquire():
            raise Conflict("another import is running on this store; wait for its end")
        try:
            job = self._job(path, mapping_path, target, dry_run=dry_run, snapshot_on=snapshot_on)
            replayed = self._make_room(job, replay_from)
            noted = Noted() if restart or dry_run else self._progress.unfinished(job.key)
            if not dry_run:
                started = self._started(job)
                job = replace(job, run_id=self._runs.start(started, goes_on=noted.rows_done > 0))
            summary = self._take_all(job, noted, ErrorFile(errors, noted.error_bytes), on_step)
            summary.run_id, summary.snapshot_on, summary.replayed = job.run_id, job.snapshot_on, replayed
            return summary
        finally:
            lock.release()

    def _make_room(self, job: _Job, replay_from: dt.date | None) -> list[str]:
        """Check that no snapshot of a later day was taken, after taking back those from a day on; return what was.

        Raises:
            UnusableFile: names both days.
        """
        if job.snapshot_on is None:
            return []
        target, lines = str(job.target)[:LONGEST_TARGET], []
        if replay_from is not None and not job.dry_run:
            for run in self._runs.snapshots_of(target, since=replay_from):
                lines += self._undo.within_lock(run.id).lines()
        latest = next(iter(self._runs.snapshots_of(target)), None)
        day = job.snapshot_on
        if latest is not None and latest.snapshot_on is not None and latest.snapshot_on > day:
            raise UnusableFile(
                f"{job.path.name} shows {day}, and the snapshot of {latest.snapshot_on} ({latest.file_name}) was taken:"
                f" a day that comes late would date its changes wrongly; --replay-from {day} takes the later ones back"
            )
        return lines

    def _started(self, job: _Job) -> StartedRun:
        return StartedRun(
            id=uuid4(),
            began_at=self._clock(),
            sender=label_of(job.target.sender_of(job.target.unit_code or "")),
            target=job.key.target,
            unit_code=job.target.unit_code or job.target.province_code or "",
            kind=job.mapping.kind,
            file_name=job.path.name.encode("utf-8", "backslashreplace").decode(),
            file_sha256=job.key.file_sha256,
            mapping_name=job.mapping_name,
            mapping_sha256=job.key.mapping_sha256,
            snapshot_on=job.snapshot_on,
        )

    def _job(
        self,
        path: Path,
        mapping_path: Path,
        target: ImportTarget,
        *,
        dry_run: bool,
        snapshot_on: dt.date | None,
    ) -> _Job:
        mapping = target.applied_to(mapping_for(mapping_path, "cases"))
        today = self._clock().astimezone(LOCAL).date()
        names = target.unit_names(self._units, mapping, today)
        format_of(path)  # raises before the whole file is read
        file_sha256, newline_count = _fingerprint(path)
        key = ImportKey(file_sha256, _fingerprint(mapping_path)[0], str(target)[:LONGEST_TARGET])
        line_count = newline_count if format_of(path) == "csv" else None
        day = snapshot_day(path, mapping, snapshot_on, today=today)
        return _Job(path, mapping, target, names, key, line_count, dry_run, day, mapping_path.name)

    def _take_all(
        self, job: _Job, noted: Noted, errors: ErrorFile, on_step: Callable[[ImportStep], None]
    ) -> Summary:
        began = time.monotonic()
        opened = OpenedFile(job.path, job.mapping)
        records = opened.records()
        summary = Summary(job.path.name, dry_run=job.dry_run, resumed_after=noted.rows_done)
        records = _kept(records, job.mapping, summary)
        if job.mapping.kind == "events":
            summary.events = EventCounts()
            records = cases_of(records, job.mapping, summary.events)
        summary.counts.update(noted.counts)
        seen = _Seen()
        for _ in range(noted.rows_done):  # read again for the comparison; not taken again
            record = next(records, None)
            if record is not None:
                seen.note(self._row(job, record)[0], record)
        while chunk := list(islice(records, self._chunk_rows)):
            counted, rejected = self._take(job, chunk, summary, seen, errors)
            noted = Noted(noted.rows_done + len(chunk), errors.size, dict(summary.counts))
            if not job.dry_run:
                self._note(job, noted, counted, rejected)
            on_step(_step(job, chunk[-1], noted.rows_done, summary.resumed_after, began))
        summary.passed_over_count = len(opened.passed_over)
        if job.mapping.kind == "snapshot":
            self._compare(job, seen, summary)
        if not job.dry_run:
            self._progress.note(job.key, noted, finished=True)
        if job.run_id is not None:
            self._runs.finish(job.run_id, summary.totals, self._clock())
        summary.seconds = time.monotonic() - began
        return summary

    def _note(
        self, job: _Job, noted: Noted, counted: Counter[tuple[str, str]], rejected: Sequence[Rejection]
    ) -> None:
        """Note a chunk as done, with its rows by commune and outcome in the record of the run."""
        run_id = job.run_id
        if run_id is None:
            return
        rows = [RejectedRow(one.line, one.unit_code, one.field, one.reason) for one in rejected]
        self._progress.note(job.key, noted, also=lambda conn: self._runs.note(conn, run_id, counted, rows))

    def _row(self, job: _Job, record: Record) -> tuple[str, Row, Rejection | None]:
        """Return unit and row of a record, or why it has no row."""
        unit_code = ""
        try:
            unit_code = job.target.unit_of(record, job.names)
            return unit_code, row_of(record, job.mapping, job.names.code_of), None
        except BrokenRow as error:
            return unit_code, {}, Rejection(record.number, unit_code, error.field or "", error.message)

    def _take(
        self, job: _Job, chunk: Sequence[Record], summary: Summary, seen: _Seen, errors: ErrorFile
    ) -> tuple[Counter[tuple[str, str]], list[Rejection]]:
        """Take a chunk; return its rows by commune and outcome, and those that were not taken."""
        counted: Counter[tuple[str, str]] = Counter()
        by_unit: dict[str, list[tuple[int, Row]]] = defaultdict(list)
        rejections: list[Rejection] = []
        for record in chunk:
            unit_code, row, rejection = self._row(job, record)
            seen.note(unit_code, record)
            if rejection is None:
                by_unit[unit_code].append((record.number, row))
            else:
                rejections.append(rejection)
        for unit_code, numbered in by_unit.items():
            results = self._intake.sync_cases(
                unit_code,
                [row for _, row in numbered],
                actor=job.target.sender_of(unit_code),
                now=self._clock(),
                source="snapshot",
                dry_run=job.dry_run,
                run_id=job.run_id,
                snapshot_on=job.snapshot_on,
            )
            for (number, _), result in zip(numbered, results, strict=True):
                if result.outcome == REJECTED:
                    rejections.append(Rejection(number, unit_code, result.field or "", result.reason or ""))
                else:
                    summary.counts[result.outcome] += 1
                    counted[unit_code, result.outcome] += 1
        rejections.sort(key=lambda rejection: rejection.line)
        summary.add_rejections(rejections)
        errors.write(rejections)
        counted.update((one.unit_code, REJECTED) for one in rejections)
        return counted, rejections

    def _compare(self, job: _Job, seen: _Seen, summary: Summary) -> None:
        """Find open cases of earlier snapshots that this one no longer names, and communes without a row."""
        scope = {job.target.unit_code} if job.target.unit_code else seen.unit_codes
        known = open_snapshot_cases(self._store, {code for code in scope if code})
        summary.vanished = sorted((unit, code) for unit, code in known if code not in seen.dossier_codes)
        if job.target.province_code:
            summary.missing_units = sorted(job.names.codes - seen.unit_codes)


def _kept(records: Iterator[Record], mapping: Mapping, summary: Summary) -> Iterator[Record]:
    """Yield the records that no rule of the mapping leaves out, and count the others."""
    rules = mapping.rows.leave_out
    for record in records:
        if rules and record.error is None and any(rule.fits(record.values) for rule in rules):
            summary.left_out_count += 1
        else:
            yield record


class _Seen:
    """The units and dossier codes in the file, for the comparison with the known cases."""

    def __init__(self) -> None:
        self.unit_codes: set[str] = set()
        self.dossier_codes: set[str] = set()

    def note(self, unit_code: str, record: Record) -> None:
        if unit_code:
            self.unit_codes.add(unit_code)
        if "MaHoSo" in record.values:  # also of a row that was not taken: the source still knows the case
            self.dossier_codes.add(record.values["MaHoSo"])


def _step(job: _Job, last: Record, row_count: int, resumed_after: int, began: float) -> ImportStep:
    share = min(1.0, last.number / job.line_count) if job.line_count else None
    seconds = max(time.monotonic() - began, 1e-9)
    return ImportStep(row_count, (row_count - resumed_after) / seconds, share)


def _fingerprint(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file and the number of its line ends."""
    digest = hashlib.sha256()
    newline_count = 0
    with path.open("rb") as file:
        while window := file.read(_READ_BYTES):
            digest.update(window)
            newline_count += window.count(b"\n")
    return digest.hexdigest(), newline_count
