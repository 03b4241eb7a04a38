"""Import a file of cases: it is read and judged as a whole, then intake takes its rows in chunks; each is noted."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from reporting.dated.calendar import LOCAL
from services.access.actors import label_of
from services.connectors.case_rows import row_of
from services.connectors.event_log import EventCounts, cases_of
from services.connectors.fingerprint import fingerprint
from services.connectors.judgement import CaseJudge, Judgement, accepted_names, must_be_plausible
from services.connectors.mapping import Mapping, mapping_for
from services.connectors.opening import OpenedFile
from services.connectors.records import Record, placed
from services.connectors.repeated_keys import RepeatedKeys
from services.connectors.snapshot_day import snapshot_day
from services.connectors.snapshot_order import SnapshotOrder
from services.connectors.spilled_rows import ReadRow, SpilledRows
from services.connectors.summary import REJECTED, ErrorFile, Rejection, Summary
from services.connectors.target import ImportTarget, day_of, prefixed
from services.connectors.undoing import ImportUndo
from services.connectors.unit_names import UnitNames
from services.connectors.unpacking import is_packed
from services.dated_tables import DatedTables
from services.errors import BadInput, Conflict
from services.intake.dossier_codes import folded_code, same_code
from services.intake.intake import Intake
from services.intake.national_rows import read_row
from services.store.import_progress import (
    LONGEST_TARGET,
    ImportKey,
    ImportProgress,
    Noted,
    open_snapshot_cases,
)
from services.store.import_runs import ImportRuns, StartedRun
from services.store.store import Store

CHUNK_ROWS = 5_000


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
    accepted: frozenset[str]
    today: dt.date
    snapshot_on: dt.date | None
    mapping_name: str
    replay_from: dt.date | None
    restart: bool
    run_id: UUID | None = None


class CaseImporter:
    """Import files of cases, event logs and snapshots; one import at a time per store."""

    def __init__(
        self,
        intake: Intake,
        tables: DatedTables,
        store: Store,
        clock: Callable[[], dt.datetime],
        *,
        chunk_rows: int = CHUNK_ROWS,
    ) -> None:
        """Take the collaborators.

        Args:
            intake: takes the rows.
            tables: communes by code and name, procedures and fields, and what is implausible of a file.
            store: holds the notes of progress.
            clock: the current instant, aware, UTC.
            chunk_rows: rows between two notes of progress, 10,000 at most.
        """
        self._intake = intake
        self._tables = tables
        self._store = store
        self._clock = clock
        self._progress = ImportProgress(store, clock)
        self._runs = ImportRuns(store)
        self._order = SnapshotOrder(self._runs, ImportUndo(intake, store, clock), tables.units)
        self._chunk_rows = chunk_rows

    def run(
        self,
        path: Path,
        mapping_path: Path,
        target: ImportTarget,
        *,
        dry_run: bool = False,
        restart: bool = False,
        accept: Collection[str] = (),
        errors: Path | None = None,
        on_step: Callable[[ImportStep], None] = lambda _step: None,
        snapshot_on: dt.date | None = None,
        replay_from: dt.date | None = None,
    ) -> Summary:
        """Import one file, going on where an earlier run of the same file, mapping and target stopped.

        Args:
            path: the file.
            mapping_path: the mapping file.
            target: the commune or province of the cases.
            dry_run: only report the result; nothing is written but the error file.
            restart: begin at the first row even if an earlier run stopped in the middle.
            accept: findings about the file that a person accepts.
            errors: where to list the rows that were not taken.
            on_step: called after each chunk.
            snapshot_on: the day that a snapshot shows; by default the day in its name or title, by the mapping.
            replay_from: take back the snapshots of this day and later first, so that a late day can be taken.

        Raises:
            UnusableFile: the file as a whole cannot be used, or a snapshot of a later day was taken; nothing of it was taken.
            ImplausibleFile: the file as a whole is implausible, and nobody accepted that; nothing was taken.
            UnusableMapping: the mapping is wrong, or is not for cases.
            UnknownUnit: the target does not exist.
            Conflict: another import is running on this store.
        """
        job = self._job(
            path, mapping_path, target, accepted_names(accept), (dry_run, restart), (snapshot_on, replay_from)
        )
        if dry_run:
            self._order.check(job.path.name, job.target, job.snapshot_on)
            return self._take_all(job, Noted(), ErrorFile(errors), on_step)
        lock = self._store.lock("import")
        if not lock.try_acquire():
            raise Conflict("another import is running on this store; wait for its end")
        try:
            noted = Noted() if restart else self._progress.unfinished(job.key)
            return self._take_all(job, noted, ErrorFile(errors, noted.error_bytes), on_step)
        finally:
            lock.release()

    def _make_room(self, job: _Job) -> list[str]:
        """Take back the snapshots that are to come after this one, and refuse it where a later one stands."""
        goes_on = None if job.restart else job.key
        lines = self._order.take_back(job.target, job.replay_from, goes_on)
        self._order.check(job.path.name, job.target, job.snapshot_on)
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
        accepted: frozenset[str],
        how: tuple[bool, bool],
        days: tuple[dt.date | None, dt.date | None],
    ) -> _Job:
        mapping = target.applied_to(mapping_for(mapping_path, "cases"))
        today = self._clock().astimezone(LOCAL).date()
        names = target.unit_names(self._tables.units, mapping, today)
        opened = OpenedFile(path, mapping)  # raises before the whole file is read
        file_sha256, newline_count = fingerprint(path)
        key = ImportKey(file_sha256, fingerprint(mapping_path)[0], str(target)[:LONGEST_TARGET])
        line_count = newline_count if opened.format == "csv" and not is_packed(path) else None
        day = snapshot_day(path, mapping, days[0], today=today)
        return _Job(
            path,
            mapping,
            target,
            names,
            key,
            line_count,
            how[0],
            accepted,
            today,
            day,
            mapping_path.name,
            days[1],
            how[1],
        )

    def _take_all(
        self, job: _Job, noted: Noted, errors: ErrorFile, on_step: Callable[[ImportStep], None]
    ) -> Summary:
        began = time.monotonic()
        opened = OpenedFile(job.path, job.mapping)
        summary = Summary(job.path.name, dry_run=job.dry_run, resumed_after=noted.rows_done)
        summary.counts.update(noted.counts)
        summary.snapshot_on = job.snapshot_on
        records = _kept(opened.records(), job.mapping, summary)
        if job.mapping.kind == "events":
            summary.events = EventCounts()
            records = cases_of(records, job.mapping, summary.events)
        repeated = RepeatedKeys("the dossier code")
        seen, judgement = _Seen(job.mapping), Judgement(is_of_province=job.target.province_code is not None)
        with SpilledRows() as spilled:
            judge = CaseJudge(judgement, self._tables.procedures, job.today)
            for record in records:
                spilled.add(_judged(job, record, seen, judge, repeated))
            judgement.unreadable_lines(opened.observed.lost)
            if not job.dry_run:
                findings = judgement.findings(self._tables.thresholds, job.today)
                must_be_plausible(job.path.name, findings, job.accepted)
                started = self._started(job)
                if not job.restart:
                    self._runs.check_day(started)
                summary.replayed = self._make_room(job)
                run_id = self._runs.start(started, goes_on=not job.restart)
                job = replace(job, run_id=run_id)
                summary.run_id = run_id
            rows = spilled.rows(skip=noted.rows_done)
            while chunk := list(islice(rows, self._chunk_rows)):
                counted, rejected = self._take(job, chunk, summary, judgement, repeated, errors)
                noted = Noted(noted.rows_done + len(chunk), errors.size, dict(summary.counts))
                self._note(job, noted, counted, rejected)
                on_step(_step(job, chunk[-1], noted.rows_done, summary.resumed_after, began))
        opened.observed.report_to(summary)
        summary.judge(judgement.findings(self._tables.thresholds, job.today), judgement.said(), job.accepted)
        summary.unknown, summary.no_due_day = judgement.unknown, judgement.no_due_day
        summary.case_count = judgement.case_count
        if job.mapping.kind == "snapshot":
            self._compare(job, seen, summary)
        if job.run_id is not None:
            run_id, totals = job.run_id, summary.totals
            self._progress.note(
                job.key,
                noted,
                finished=True,
                also=lambda conn: self._runs.finish(conn, run_id, totals, self._clock()),
            )
        summary.seconds = time.monotonic() - began
        return summary

    def _note(
        self, job: _Job, noted: Noted, counted: Counter[tuple[str, str]], rejected: Sequence[Rejection]
    ) -> None:
        """Note a chunk as done, with its rows by commune and outcome in the record of the run."""
        run_id = job.run_id
        if run_id is None:
            return
        rows = [one.kept for one in rejected]
        self._progress.note(job.key, noted, also=lambda conn: self._runs.note(conn, run_id, counted, rows))

    def _take(
        self,
        job: _Job,
        chunk: Sequence[ReadRow],
        summary: Summary,
        judgement: Judgement,
        repeated: RepeatedKeys,
        errors: ErrorFile,
    ) -> tuple[Counter[tuple[str, str]], list[Rejection]]:
        """Take a chunk; return its rows by commune and outcome, and those that were not taken."""
        counted: Counter[tuple[str, str]] = Counter()
        by_unit: dict[str, list[ReadRow]] = defaultdict(list)
        rejections: list[Rejection] = []
        for read in chunk:
            if read.reason is not None:
                rejections.append(Rejection(read.line, read.unit_code, read.field, read.reason))
            elif (reason := repeated.reason(same_code(str(read.row["MaHoSo"])))) is not None:
                rejections.append(Rejection(read.line, read.unit_code, "MaHoSo", placed(reason, read.sheet)))
                judgement.reject(read.line)
            else:
                by_unit[read.unit_code].append(read)
        for unit_code, numbered in by_unit.items():
            results = self._intake.sync_cases(
                unit_code,
                [read.row for read in numbered],
                actor=job.target.sender_of(unit_code),
                now=self._clock(),
                source="snapshot",
                dry_run=job.dry_run,
                run_id=job.run_id,
                snapshot_on=job.snapshot_on,
            )
            for read, result in zip(numbered, results, strict=True):
                if result.outcome == REJECTED:
                    reason = placed(result.reason or "", read.sheet)
                    rejections.append(Rejection(read.line, unit_code, result.field or "", reason))
                    if result.field != "LinhVuc":  # counted apart
                        judgement.reject(read.line)
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
        summary.vanished = sorted(
            (unit, code) for unit, code in known if same_code(code) not in seen.dossier_codes
        )
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


def _judged(job: _Job, record: Record, seen: _Seen, judge: CaseJudge, repeated: RepeatedKeys) -> ReadRow:
    """Read one record, and note it for the judgement of the file."""
    read = _read(job, record)
    seen.note(read.unit_code, record)
    row, code = (read.row, same_code(str(read.row["MaHoSo"]))) if read.reason is None else (None, None)
    judge.judgement.note(record.number, read.unit_code, record.values.values(), code, row)
    if row is not None and code is not None:
        judge.note(read.unit_code, row)
        content = frozenset(cell for cell in row.items() if cell[0] != "MaHoSo")
        repeated.note(code, (read.unit_code, content), record.number)
    return read


def _read(job: _Job, record: Record) -> ReadRow:
    """Return unit and row of a record, or why it has no row."""
    unit_code = ""
    dates = job.mapping.dates
    try:
        unit_code = job.target.unit_of(record, job.names, dates)
        row = row_of(record, job.mapping, partial(job.names.code_of, on=day_of(record, dates)))
        if job.mapping.key_prefix:
            row["MaHoSo"] = prefixed(str(row["MaHoSo"]), unit_code, job.mapping)
        read_row(row)
    except BadInput as error:
        reason = record.placed(error.message)
        return ReadRow(record.number, unit_code, field=error.field or "", reason=reason)
    return ReadRow(record.number, unit_code, row, sheet=record.sheet)


class _Seen:
    """The units and dossier codes in the file, for the comparison with the known cases."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self.unit_codes: set[str] = set()
        self.dossier_codes: set[str] = set()

    def note(self, unit_code: str, record: Record) -> None:
        if unit_code:
            self.unit_codes.add(unit_code)
        if "MaHoSo" in record.values:  # also of a row that was not taken: the source still knows the case
            code = prefixed(folded_code(record.values["MaHoSo"]), unit_code, self._mapping)
            self.dossier_codes.add(same_code(code))


def _step(job: _Job, last: ReadRow, row_count: int, resumed_after: int, began: float) -> ImportStep:
    share = min(1.0, last.line / job.line_count) if job.line_count else None
    seconds = max(time.monotonic() - began, 1e-9)
    return ImportStep(row_count, (row_count - resumed_after) / seconds, share)
