"""The result of an import: counts by outcome and reason, and the file of rows that were not taken."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from services.connectors.event_log import EventCounts
from services.connectors.judgement import Finding
from services.store.import_runs import RejectedRow, RowTotals

TAKEN = ("created", "advanced", "unchanged")
REJECTED = "rejected"
MAX_EXAMPLES = 5
MAX_LISTED = 50
MAX_UNITS = 20
_NO_FOLLOWING = getattr(os, "O_NOFOLLOW", 0)
# Values that a reason quotes from a row: reasons that differ only in these are one reason.
_VALUE = re.compile(r"'[^']*'|“[^”]*”|\([^)]*\d[^)]*\)")
# From the first mark to the last one: a cell may hold such marks itself.
_CELL = re.compile(r"“.*”|'.*'|\".*\"", re.DOTALL)
_SHEET = re.compile(r"sheet “.*?”: ", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that was not taken. Its content stays in the source, at that line, but for what the reason quotes of it."""

    line: int
    unit_code: str
    field: str
    reason: str

    @property
    def kept(self) -> RejectedRow:
        """Return what is stored of it: the reason without what it quotes from the row; the name of the sheet stays."""
        sheet = _SHEET.match(self.reason)
        start = sheet.end() if sheet else 0
        reason = self.reason[:start] + _CELL.sub("…", self.reason[start:])
        return RejectedRow(self.line, self.unit_code, self.field, reason)


@dataclass(slots=True)
class Summary:
    """The result of one import."""

    file: str
    dry_run: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Rejection] = field(default_factory=list)
    passed_over_count: int = 0
    passed_over: list[str] = field(default_factory=list)
    converted_count: int = 0
    """Texts of older encodings that were converted."""
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    """The findings about the file as a whole, accepted or not."""
    not_accepted: tuple[str, ...] = ()
    seen: list[str] = field(default_factory=list)
    unknown: dict[str, Counter[str]] = field(default_factory=dict)
    """Fields, procedures, channels and units that the tables lack, each with its rows."""
    no_due_day: int = 0
    case_count: int = 0
    left_out_count: int = 0
    events: EventCounts | None = None
    """Counts of the events of a log, before they became cases."""
    resumed_after: int = 0
    vanished: list[tuple[str, str]] = field(default_factory=list)
    missing_units: list[str] = field(default_factory=list)
    run_id: UUID | None = None
    """The record of this import, by which it can be taken back."""
    snapshot_on: dt.date | None = None
    replayed: list[str] = field(default_factory=list)
    """The report of the later snapshots that were taken back before this one."""
    seconds: float = 0.0

    def add_rejections(self, rejections: Sequence[Rejection]) -> None:
        """Count rows that were not taken and keep the first ones as examples."""
        if rejections:
            self.counts[REJECTED] += len(rejections)
        self.reasons.update((one.field, _VALUE.sub("…", one.reason)) for one in rejections)
        self.examples.extend(rejections[: MAX_EXAMPLES - len(self.examples)])

    def judge(self, findings: tuple[Finding, ...], seen: list[str], accepted: Collection[str]) -> None:
        """Add the judgement of the file as a whole."""
        self.findings, self.seen = findings, seen
        self.not_accepted = tuple(one.name for one in findings if one.name not in accepted)

    @property
    def totals(self) -> RowTotals:
        """Return what the record of the run counts beside its rows."""
        events = self.events.read if self.events is not None else 0
        return RowTotals(events, self.left_out_count, self.passed_over_count, self.converted_count)

    @property
    def row_count(self) -> int:
        """Return the number of rows read."""
        return self.counts.total()

    @property
    def exit_code(self) -> int:
        """Return 0 if every row was taken, 1 if some were not, would stop an import, or stand on a sheet that was not read."""
        return 1 if self.counts[REJECTED] or self.unread or (self.dry_run and self.not_accepted) else 0

    def lines(self) -> list[str]:
        """Return the report of the import, for people."""
        verb = "would be " if self.dry_run else ""
        said = [
            *self.replayed,
            f"{self.file}: {self.row_count:,} rows: "
            + ", ".join(f"{self.counts[name]:,} {verb}{name}" for name in (*TAKEN, REJECTED)),
        ]
        if self.snapshot_on is not None:
            said.append(f"snapshot of {self.snapshot_on}: undated changes happened on that day")
        if self.resumed_after:
            said.append(f"went on after row {self.resumed_after:,} of an earlier, unfinished run")
        if self.passed_over_count:
            said.append(
                f"{self.passed_over_count:,} lines are no rows (totals, headings, notes, signatures)"
                + (": " + "; ".join(self.passed_over) if self.passed_over else "")
            )
        said.extend((*self.unread, *self.notes, *self.seen))
        said.extend(
            f"not plausible, {'stops the import' if one.name in self.not_accepted else 'accepted'}: {one}"
            for one in self.findings
        )
        if self.left_out_count:
            said.append(f"{self.left_out_count:,} rows were left out by rows.leave_out")
        said.extend(self._event_lines())
        for (name, reason), count in self.reasons.most_common(MAX_LISTED):
            said.append(f"  {count:,} × {name + ': ' if name else ''}{reason}")
        said.extend(
            f"  line {one.line}: {one.field + ': ' if one.field else ''}{one.reason}" for one in self.examples
        )
        if self.vanished:
            said.append(
                f"{len(self.vanished):,} open cases of earlier files are not in this one; they stay open until a source says how they ended:"
            )
            said.extend(f"  {unit} {code}" for unit, code in self.vanished[:MAX_LISTED])
        if self.missing_units:
            named = ", ".join(self.missing_units[:MAX_UNITS]) + (
                " …" if len(self.missing_units) > MAX_UNITS else ""
            )
            said.append(f"{len(self.missing_units)} communes have no row: {named}")
        if self.run_id is not None:
            said.append(f"import {self.run_id}: `liencap import undo {self.run_id}` takes it back")
        rate = self.row_count / self.seconds if self.seconds else 0
        said.append(f"{self.seconds:.1f} s, {rate:,.0f} rows/s" + (", nothing was written" if verb else ""))
        return said

    def _event_lines(self) -> list[str]:
        events = self.events
        if events is None:
            return []
        taken = sum(self.counts[name] for name in TAKEN)
        said = [f"{events.read:,} events read, {taken:,} cases made of them or known"]
        if events.other_transition:
            said.append(f"  {events.other_transition:,} events are of a transition that does not count")
        if events.unmapped:
            said.append(
                f"  {events.unmapped:,} events are of an activity that status.by_activity does not name"
            )
        return said


def numbers(lines: Sequence[int]) -> str:
    """Return numbers of lines, cut where they are many."""
    return ", ".join(map(str, lines[:MAX_LISTED])) + (" …" if len(lines) > MAX_LISTED else "")


class ErrorFile:
    """A CSV of the rows that were not taken; readable by its owner alone, created at the first rejection."""

    def __init__(self, path: Path | None, keep_bytes: int = 0) -> None:
        """Start a new file, or continue after the bytes stored by an earlier, unfinished run."""
        self._path = path
        self.size = 0
        if path is not None and os.path.lexists(path):
            if keep_bytes and not path.is_symlink() and path.stat().st_size >= keep_bytes:
                os.truncate(path, keep_bytes)
                self.size = keep_bytes
            else:
                path.unlink()

    def write(self, rejections: Sequence[Rejection]) -> None:
        """Append rows; they are on the disk when this call returns."""
        if self._path is None or not rejections:
            return
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        if not self.size:
            rows.writerow(("line", "unit_code", "field", "reason"))
        rows.writerows((one.line, one.unit_code, one.field, one.reason) for one in rejections)
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_FOLLOWING, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(text.getvalue().encode())
            file.flush()
            os.fsync(file.fileno())
            self.size = file.tell()
