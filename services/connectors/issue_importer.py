"""Import a list of difficulties, once it was judged as a whole: a report's id derives from its row's parsed values."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from uuid import UUID

from events.issues import REPORT_TEXTS
from reporting.dated.calendar import LOCAL
from reporting.dated.kind_words import names_of
from reporting.errors import RuleError
from services.access.actors import Actor
from services.connectors.errors import BrokenRow
from services.connectors.issue_identity import REMARKS, Likeness, former_id_of, id_of
from services.connectors.judgement import Judgement, accepted_names, must_be_plausible
from services.connectors.mapping import Mapping, Scalar, mapping_for
from services.connectors.opening import OpenedFile
from services.connectors.records import Record, placed
from services.connectors.spilled_rows import ReadRow, SpilledRows
from services.connectors.summary import ErrorFile, Rejection, Summary
from services.connectors.target import ImportTarget
from services.connectors.unit_names import UnitNames
from services.connectors.values import moment, whole_number
from services.dated_tables import DatedTables
from services.errors import BadInput, KeyReused
from services.intake.intake import Intake
from services.intake.issue_input import read_issue
from services.language.vietnamese import case_folded, folded

_NUMBERS = ("people_affected", "cases_blocked", "cases_overdue", "amount_dong")
_CHOICES = ("place_type", "tried_step")


@dataclass(slots=True)
class _Lists:
    """Rows that a person should compare after an import."""

    likeness: Likeness = field(default_factory=Likeness)
    places: dict[str, frozenset[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


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
        judgement = Judgement(is_of_province=target.province_code is not None)
        accepted, lists = accepted_names(accept), _Lists()
        with SpilledRows() as spilled:
            for record in opened.records():
                read = _read(record, mapping, kinds, target, names)
                row = read.row if read.reason is None else None
                key = str(row["id"]) if row is not None and "id" in mapping.columns else None
                judgement.note(record.number, read.unit_code, record.values.values(), key, row)
                spilled.add(read)
            judgement.unreadable_lines(opened.observed.lost)
            if not dry_run:
                must_be_plausible(path.name, judgement.findings(self._tables.thresholds, today), accepted)
            for read in spilled.rows():
                rejection = self._take(read, summary, lists, dry_run=dry_run)
                if rejection is not None:
                    summary.add_rejections([rejection])
                    error_file.write([rejection])
                    if read.reason is None:
                        judgement.reject(read.line)
        opened.observed.report_to(summary)
        summary.notes += lists.notes
        summary.judge(judgement.findings(self._tables.thresholds, today), judgement.said(), accepted)
        summary.seconds = time.monotonic() - began
        return summary

    def _take(self, read: ReadRow, summary: Summary, lists: _Lists, *, dry_run: bool) -> Rejection | None:
        """Take one row; return why it was not taken."""
        if read.reason is not None:
            return Rejection(read.line, read.unit_code, read.field, read.reason)
        try:
            summary.counts[self._report(read, lists, dry_run=dry_run)] += 1
        except (BadInput, KeyReused, RuleError) as error:
            reason = placed(error.message, read.sheet)
            return Rejection(read.line, read.unit_code, error.field or "", reason)
        return None

    def _report(self, read: ReadRow, lists: _Lists, *, dry_run: bool) -> Literal["created", "unchanged"]:
        """Report a row, or find the report that it is.

        Raises:
            BadInput, KeyReused, RuleError: names the field.
        """
        unit_code, members = read.unit_code, read.row
        if read.former_id:
            is_former = self._intake.knows_report(UUID(read.former_id))
            members["id"] = read.former_id if is_former else id_of(unit_code, members)
        if unit_code not in lists.places:
            lists.places[unit_code] = frozenset(map(case_folded, self._intake.places_of(unit_code)))
        body = read_issue(members)
        try:
            receipt = self._intake.report_issue(
                unit_code,
                body,
                actor=Actor("commune_officer", unit_code, f"{unit_code}.ubnd", "import"),
                now=self._clock(),
                dry_run=dry_run,
            )
        except KeyReused:
            others = self._intake.other_texts(unit_code, body) if read.former_id else None
            if others is None:
                raise
            # Place and content are in the id: they can only be written otherwise.
            others = [name for name in others if name in REMARKS]
            if others:
                sentence = (
                    f"line {read.line} is a report that was taken before, with other words in "
                    f"{' and '.join(others)}; the report stays as it was sent: add the words on its page"
                )
                lists.notes.append(placed(sentence, read.sheet))
            return "unchanged"
        places = lists.places[unit_code] if receipt.created else frozenset()
        alike = lists.likeness.note(unit_code, members, read.line, places)
        if alike is not None:
            lists.notes.append(placed(alike, read.sheet))
        return "created" if receipt.created else "unchanged"


def _read(
    record: Record, mapping: Mapping, kinds: dict[str, str], target: ImportTarget, names: UnitNames
) -> ReadRow:
    unit_code = ""
    try:
        unit_code = target.unit_of(record, names, mapping.dates)
        members = _members(record, mapping, kinds)
    except BadInput as error:
        reason = record.placed(error.message)
        return ReadRow(record.number, unit_code, field=error.field or "", reason=reason)
    former_id = "" if "id" in members else former_id_of(unit_code, record.values)
    return ReadRow(record.number, unit_code, members, sheet=record.sheet, former_id=former_id)


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
