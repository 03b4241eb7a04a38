"""Import a file of cases: intake takes rows in chunks, each whole or not at all; each chunk is noted."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from reporting.dated.calendar import LOCAL
from reporting.dated.units import UnitTable
from services.connectors.case_rows import Row, row_of
from services.connectors.errors import BrokenRow
from services.connectors.event_log import cases_of
from services.connectors.mapping import Mapping, mapping_for
from services.connectors.opening import OpenedFile
from services.connectors.records import Record
from services.connectors.repeated_keys import RepeatedKeys
from services.connectors.summary import REJECTED, ErrorFile, Rejection, Summary
from services.connectors.target import ImportTarget
from services.connectors.unit_names import UnitNames
from services.connectors.unpacking import is_packed
from services.errors import Conflict
from services.intake.dossier_codes import same_code
from services.intake.intake import Intake
from services.store.import_progress import (
    LONGEST_TARGET,
    ImportKey,
    ImportProgress,
    Noted,
    open_snapshot_cases,
)
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
    ) -> Summary:
        """Import one file, going on where an earlier run of the same file, mapping and target stopped.

        Args:
            path: the file.
            mapping_path: the mapping file.
            target: the commune or province of the cases.
            dry_run: only report the result; nothing is written but the error file.
            restart: begin at the first row even if an earlier run stopped in the middle.
            errors: where to list the rows that were not taken.
            on_step: called after each chunk.

        Raises:
            UnusableFile: the file as a whole cannot be used; chunks before the fault stay imported.
            UnusableMapping: the mapping is wrong, or is not for cases.
            UnknownUnit: the target does not exist.
            Conflict: another import is running on this store.
        """
        lock = self._store.lock("import")
        if not lock.try_acquire():
            raise Conflict("another import is running on this store; wait for its end")
        try:
            job = self._job(path, mapping_path, target, dry_run=dry_run)
            noted = Noted() if restart or dry_run else self._progress.unfinished(job.key)
            return self._take_all(job, noted, ErrorFile(errors, noted.error_bytes), on_step)
        finally:
            lock.release()

    def _job(self, path: Path, mapping_path: Path, target: ImportTarget, *, dry_run: bool) -> _Job:
        mapping = target.applied_to(mapping_for(mapping_path, "cases"))
        today = self._clock().astimezone(LOCAL).date()
        names = target.unit_names(self._units, mapping, today)
        opened = OpenedFile(path, mapping)  # raises before the whole file is read
        file_sha256, newline_count = _fingerprint(path)
        key = ImportKey(file_sha256, _fingerprint(mapping_path)[0], str(target)[:LONGEST_TARGET])
        line_count = newline_count if opened.format == "csv" and not is_packed(path) else None
        return _Job(path, mapping, target, names, key, line_count, dry_run)

    def _take_all(
        self, job: _Job, noted: Noted, errors: ErrorFile, on_step: Callable[[ImportStep], None]
    ) -> Summary:
        began = time.monotonic()
        opened = OpenedFile(job.path, job.mapping)
        records = opened.records()
        if job.mapping.kind == "events":
            records = cases_of(records, job.mapping)
        summary = Summary(job.path.name, dry_run=job.dry_run, resumed_after=noted.rows_done)
        summary.counts.update(noted.counts)
        seen, repeated = _Seen(), self._repeated(job)
        for _ in range(noted.rows_done):  # read again for the comparison; not taken again
            record = next(records, None)
            if record is not None:
                seen.note(self._row(job, record)[0], record)
        while chunk := list(islice(records, self._chunk_rows)):
            self._take(job, chunk, summary, seen, repeated, errors)
            noted = Noted(noted.rows_done + len(chunk), errors.size, dict(summary.counts))
            if not job.dry_run:
                self._progress.note(job.key, noted)
            on_step(_step(job, chunk[-1], noted.rows_done, summary.resumed_after, began))
        opened.observed.report_to(summary)
        if job.mapping.kind == "snapshot":
            self._compare(job, seen, summary)
        if not job.dry_run:
            self._progress.note(job.key, noted, finished=True)
        summary.seconds = time.monotonic() - began
        return summary

    def _repeated(self, job: _Job) -> RepeatedKeys:
        """Read the file once for the codes that stand in it with different content; an event log folds its rows."""
        repeated = RepeatedKeys("the dossier code")
        if job.mapping.kind == "events":
            return repeated
        written: dict[str, int] = {}
        doubtful: set[str] = set()
        for record in OpenedFile(job.path, job.mapping).records():
            if (text := record.values.get("MaHoSo")) is not None:
                code, content = same_code(text), hash(frozenset(record.values.items()))
                if written.setdefault(code, content) != content:
                    doubtful.add(code)
        if not doubtful:
            return repeated
        # Different cells may mean the same values: only the rows of these codes are parsed to compare them.
        for record in OpenedFile(job.path, job.mapping).records():
            if same_code(record.values.get("MaHoSo", "")) in doubtful:
                unit_code, row, rejection = self._row(job, record)
                if rejection is None:
                    code = same_code(str(row.pop("MaHoSo")))
                    repeated.note(code, (unit_code, frozenset(row.items())), record.number)
        return repeated

    def _row(self, job: _Job, record: Record) -> tuple[str, Row, Rejection | None]:
        """Return unit and row of a record, or why it has no row."""
        unit_code = ""
        try:
            unit_code = job.target.unit_of(record, job.names)
            return unit_code, row_of(record, job.mapping, job.names.code_of), None
        except BrokenRow as error:
            reason = record.placed(error.message)
            return unit_code, {}, Rejection(record.number, unit_code, error.field or "", reason)

    def _take(
        self,
        job: _Job,
        chunk: Sequence[Record],
        summary: Summary,
        seen: _Seen,
        repeated: RepeatedKeys,
        errors: ErrorFile,
    ) -> None:
        by_unit: dict[str, list[tuple[int, Row]]] = defaultdict(list)
        rejections: list[Rejection] = []
        for record in chunk:
            unit_code, row, rejection = self._row(job, record)
            seen.note(unit_code, record)
            if rejection is None and (reason := repeated.reason(same_code(str(row["MaHoSo"])))) is not None:
                rejection = Rejection(record.number, unit_code, "MaHoSo", record.placed(reason))
            if rejection is None:
                by_unit[unit_code].append((record.number, row))
            else:
                rejections.append(rejection)
        source: Literal["import", "snapshot"] = "import" if job.mapping.pauses_known else "snapshot"
        for unit_code, numbered in by_unit.items():
            results = self._intake.sync_cases(
                unit_code,
                [row for _, row in numbered],
                actor=job.target.sender_of(unit_code),
                now=self._clock(),
                source=source,
                dry_run=job.dry_run,
            )
            for (number, _), result in zip(numbered, results, strict=True):
                if result.outcome == REJECTED:
                    rejections.append(Rejection(number, unit_code, result.field or "", result.reason or ""))
                else:
                    summary.counts[result.outcome] += 1
        rejections.sort(key=lambda rejection: rejection.line)
        summary.add_rejections(rejections)
        errors.write(rejections)

    def _compare(self, job: _Job, seen: _Seen, summary: Summary) -> None:
        """Find open cases of earlier snapshots that this one no longer names, and communes without a row."""
        scope = {job.target.unit_code} if job.target.unit_code else seen.unit_codes
        known = open_snapshot_cases(self._store, {code for code in scope if code})
        summary.vanished = sorted(
            (unit, code) for unit, code in known if same_code(code) not in seen.dossier_codes
        )
        if job.target.province_code:
            summary.missing_units = sorted(job.names.codes - seen.unit_codes)


class _Seen:
    """The units and dossier codes in the file, for the comparison with the known cases."""

    def __init__(self) -> None:
        self.unit_codes: set[str] = set()
        self.dossier_codes: set[str] = set()

    def note(self, unit_code: str, record: Record) -> None:
        if unit_code:
            self.unit_codes.add(unit_code)
        if "MaHoSo" in record.values:  # also of a row that was not taken: the source still knows the case
            self.dossier_codes.add(same_code(record.values["MaHoSo"]))


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
