"""Import a list of difficulties: a report's id derives from its row's parsed values, so repeating is harmless."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
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
from services.connectors.mapping import Mapping, Scalar, mapping_for
from services.connectors.opening import OpenedFile
from services.connectors.records import Record
from services.connectors.summary import ErrorFile, Rejection, Summary
from services.connectors.target import ImportTarget
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
        errors: Path | None = None,
    ) -> Summary:
        """Import one file; each row is recorded or refused by itself.

        Args:
            path: the file.
            mapping_path: the mapping file.
            target: the commune or province of the difficulties.
            dry_run: only report the result; nothing is written but the error file.
            errors: where to list the rows that were not taken.

        Raises:
            UnusableFile: the file as a whole cannot be used; rows before the fault stay imported.
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
        lists = _Lists()
        for record in opened.records():
            unit_code = ""
            try:
                unit_code = target.unit_of(record, names)
                members = _members(record, mapping, kinds)
                taken = self._take(unit_code, members, record, lists, dry_run=dry_run)
                summary.counts[taken] += 1
            except (BadInput, KeyReused, RuleError) as error:
                reason = record.placed(error.message)
                rejection = Rejection(record.number, unit_code, error.field or "", reason)
                summary.add_rejections([rejection])
                error_file.write([rejection])
        opened.observed.report_to(summary)
        summary.notes += lists.notes
        summary.seconds = time.monotonic() - began
        return summary

    def _take(
        self, unit_code: str, members: dict[str, Scalar], record: Record, lists: _Lists, *, dry_run: bool
    ) -> Literal["created", "unchanged"]:
        """Report a row, or find the report that it is.

        Raises:
            BadInput, KeyReused, RuleError: names the field.
        """
        is_derived = "id" not in members
        if is_derived:
            former = former_id_of(unit_code, record.values)
            is_former = self._intake.knows_report(UUID(former))
            members["id"] = former if is_former else id_of(unit_code, members)
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
            others = self._intake.other_texts(unit_code, body) if is_derived else None
            if others is None:
                raise
            # Place and content are in the id: they can only be written otherwise.
            others = [name for name in others if name in REMARKS]
            if others:
                sentence = (
                    f"line {record.number} is a report that was taken before, with other words in "
                    f"{' and '.join(others)}; the report stays as it was sent: add the words on its page"
                )
                lists.notes.append(record.placed(sentence))
            return "unchanged"
        alike = lists.likeness.note(
            unit_code, members, record.number, lists.places[unit_code] if receipt.created else frozenset()
        )
        if alike is not None:
            lists.notes.append(record.placed(alike))
        return "created" if receipt.created else "unchanged"


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
