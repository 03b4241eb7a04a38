"""Import a list of difficulties, once it was judged as a whole: a report's id derives from its row's content."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable, Collection
from pathlib import Path

from events.issues import REPORT_TEXTS
from reporting.dated.calendar import LOCAL
from reporting.dated.kind_words import names_of
from reporting.errors import RuleError
from services.access.actors import Actor
from services.connectors.errors import BrokenRow
from services.connectors.judgement import Judgement, accepted_names, must_be_plausible
from services.connectors.mapping import Mapping, Scalar, mapping_for
from services.connectors.opening import OpenedFile
from services.connectors.records import Record
from services.connectors.spilled_rows import ReadRow, SpilledRows
from services.connectors.summary import ErrorFile, Rejection, Summary
from services.connectors.target import ImportTarget
from services.connectors.unit_names import UnitNames
from services.connectors.values import moment, whole_number
from services.dated_tables import DatedTables
from services.errors import BadInput, KeyReused
from services.intake.intake import Intake
from services.intake.issue_input import read_issue
from services.language.vietnamese import folded

_IDS = uuid.UUID("5f2a7d0e-61c4-5b0a-9a53-7b8f6f1c2d11")
_NUMBERS = ("people_affected", "cases_blocked", "cases_overdue", "amount_dong")
_CHOICES = ("place_type", "tried_step")


class IssueImporter:
    """Import files of difficulties through the intake that pages and scripts use."""

    def __init__(self, intake: Intake, tables: DatedTables, clock: Callable[[], dt.datetime]) -> None:
        self._intake = intake
        self._tables = tables
        self._clock = clock

    def run(
        self,
        path: Path,
        mapping_path: Path,
        target: ImportTarget,
        *,
        dry_run: bool = False,
        accept: Collection[str] = (),
        errors: Path | None = None,
    ) -> Summary:
        """Import one file; each row is recorded or refused by itself.

        Args:
            path: the file.
            mapping_path: the mapping file.
            target: the commune or province of the difficulties.
            dry_run: only report the result; nothing is written but the error file.
            accept: findings about the file that a person accepts.
            errors: where to list the rows that were not taken.

        Raises:
            UnusableFile: the file as a whole cannot be used; nothing of it was taken.
            ImplausibleFile: the file as a whole is implausible, and nobody accepted that; nothing was taken.
            UnusableMapping: the mapping is wrong, or is not for difficulties.
            UnknownUnit: the target does not exist.
        """
        mapping = target.applied_to(mapping_for(mapping_path, "issues"))
        today = self._clock().astimezone(LOCAL).date()
        names = target.unit_names(self._tables.units, mapping, today)
        former = names_of(self._tables.kind_words, today)
        kinds = {folded(name): kind for name, kind in former.items()} | {
            folded(name): k.key for k in self._tables.competence.kinds(today) for name in (k.key, k.name_vi)
        }
        began = time.monotonic()
        summary = Summary(path.name, dry_run=dry_run)
        error_file = ErrorFile(errors)
        opened = OpenedFile(path, mapping)
        judgement, accepted = (
            Judgement(is_of_province=target.province_code is not None),
            accepted_names(accept),
        )
        with SpilledRows() as spilled:
            for record in opened.records():
                read = _read(record, mapping, kinds, target, names)
                row = read.row if read.reason is None else None
                key = str(row["id"]) if row is not None and "id" in mapping.columns else None
                judgement.note(record.number, read.unit_code, record.values.values(), key, row)
                spilled.add(read)
            if not dry_run:
                must_be_plausible(path.name, judgement.findings(self._tables.thresholds, today), accepted)
            for read in spilled.rows():
                rejection = self._take(read, summary, dry_run=dry_run)
                if rejection is not None:
                    summary.add_rejections([rejection])
                    error_file.write([rejection])
                    if read.reason is None:
                        judgement.reject(read.line)
        summary.judge(judgement.findings(self._tables.thresholds, today), judgement.said(), accepted)
        summary.passed_over = list(opened.passed_over)
        summary.seconds = time.monotonic() - began
        return summary

    def _take(self, read: ReadRow, summary: Summary, *, dry_run: bool) -> Rejection | None:
        """Take one row; return why it was not taken."""
        if read.reason is not None:
            return Rejection(read.line, read.unit_code, read.field, read.reason)
        try:
            created = self._report(read.unit_code, read.row, dry_run=dry_run)
        except (BadInput, KeyReused, RuleError) as error:
            return Rejection(read.line, read.unit_code, error.field or "", error.message)
        summary.counts["created" if created else "unchanged"] += 1
        return None

    def _report(self, unit_code: str, members: dict[str, Scalar], *, dry_run: bool) -> bool:
        receipt = self._intake.report_issue(
            unit_code,
            read_issue(members),
            actor=Actor("commune_officer", unit_code, f"{unit_code}.ubnd", "import"),
            now=self._clock(),
            dry_run=dry_run,
        )
        return receipt.created


def _read(
    record: Record, mapping: Mapping, kinds: dict[str, str], target: ImportTarget, names: UnitNames
) -> ReadRow:
    unit_code = ""
    try:
        unit_code = target.unit_of(record, names, mapping.dates)
        members = _members(record, mapping, kinds)
    except BadInput as error:
        return ReadRow(record.number, unit_code, field=error.field or "", reason=error.message)
    # Derived from the raw cells: another mapping of the same row is not another difficulty.
    content = json.dumps([unit_code, dict(record.values)], sort_keys=True)
    members.setdefault("id", str(uuid.uuid5(_IDS, content)))
    return ReadRow(record.number, unit_code, members)


def _members(record: Record, mapping: Mapping, kinds: dict[str, str]) -> dict[str, Scalar]:
    """Return the members of the report that a row holds.

    Raises:
        BrokenRow: names the field.
    """
    members: dict[str, Scalar] = {"intake_channel": "import"}
    cells = {**{name: str(value) for name, value in mapping.constants.items()}, **record.values}
    for name, text in cells.items():
        table = mapping.values.get(name, {})
        if folded(text) in table:
            members[name] = table[folded(text)]
        elif name == "kind":
            members[name] = _known_kind(text, kinds)
        elif name in _NUMBERS:
            number = whole_number(text)
            if number is None:
                raise BrokenRow("not a whole number", field=name)
            members[name] = number
        elif name == "occurred_at":
            members[name] = _instant(text, mapping)
        elif name in {"id", "severity", *REPORT_TEXTS, *_CHOICES}:
            members[name] = text
    for name in ("kind", "severity"):
        if name not in members:
            raise BrokenRow(f"{name} is missing", field=name)
    return members


def _known_kind(text: str, kinds: dict[str, str]) -> str:
    key = kinds.get(folded(text))
    if key is None:
        raise BrokenRow(
            "no kind of difficulty has this key or name; name it in values.kind of the mapping", field="kind"
        )
    return key


def _instant(text: str, mapping: Mapping) -> str:
    rules = mapping.dates
    found = moment(text, rules.forms, rules.zone, excel_serial=rules.excel_serial)
    if found is None:
        raise BrokenRow(f"no day in any of the forms {', '.join(rules.forms)}", field="occurred_at")
    if isinstance(found, dt.datetime):
        return found.isoformat()
    return dt.datetime.combine(found, dt.time(), LOCAL).isoformat()
