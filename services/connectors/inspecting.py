"""Look at a file before any mapping: sheets, header, what each column holds, and a drafted mapping; writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from services.connectors.column_seen import ColumnSeen
from services.connectors.csv_rows import read_csv
from services.connectors.drafting import FIELD_NAMES, KEY_NAMES, drafted, field_of
from services.connectors.errors import UnusableFile
from services.connectors.formats import Format, format_of
from services.connectors.layout import Layout, score_of
from services.connectors.mapping import Mapping as MappingFile
from services.connectors.observed import Observed
from services.connectors.records import Line
from services.connectors.spreadsheets import read_sheet
from services.connectors.workbook_frames import LIST_OF_SHEETS
from services.connectors.xes import read_xes
from services.dated_tables import DatedTables
from services.language.vietnamese import folded

_SEARCH_LINES = 40
_MOST_COLUMNS = 300
_MOST_LINES = 50
_LEAST_CELLS = 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, with the size of its filled part."""

    name: str
    is_visible: bool
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """The result of an inspection of one file."""

    file: str
    format: Format
    sheets: tuple[Sheet, ...]
    sheet_read: str | None
    header_line: int | None
    row_count: int
    columns: tuple[ColumnSeen, ...]
    passed_over: tuple[int, ...]
    broken_lines: tuple[int, ...]
    key_column: str | None
    repeated_lines: tuple[int, ...]
    mapping: str

    def lines(self) -> list[str]:
        """Return the report for people."""
        said = [f"{self.file}: {self.format.upper()}, {self.row_count:,} rows"]
        for sheet in self.sheets:
            read = ", read" if sheet.name == self.sheet_read else ", not read"
            hidden = "" if sheet.is_visible else ", hidden"
            said.append(f"sheet “{sheet.name}”: {sheet.rows:,} rows, {sheet.columns:,} columns{hidden}{read}")
        if self.header_line is not None:
            said.append(f"header in line {self.header_line}")
        for column in self.columns:
            said.append(f"column “{column.name}”" + (f" = {column.field}" if column.field else ", not known"))
            said.extend(f"  {line}" for line in column.lines())
        for what, numbers in (
            ("lines that are no rows (totals, headings, notes, signatures)", self.passed_over),
            ("lines that cannot be read", self.broken_lines),
            (f"rows that repeat a “{self.key_column}” with other content", self.repeated_lines),
        ):
            if numbers:
                shown = ", ".join(map(str, numbers[:_MOST_LINES])) + (
                    " …" if len(numbers) > _MOST_LINES else ""
                )
                said.append(f"{len(numbers):,} {what}: {shown}")
        return said


def inspect(path: Path, *, sheet: str | None = None, labels: Mapping[str, str] | None = None) -> Inspection:
    """Look at a whole file.

    Args:
        path: the file.
        sheet: which sheet of a workbook; by default the one whose header is known best.
        labels: folded labels of fields of work and of kinds of difficulties, each with its key.

    Raises:
        UnusableFile: the file is broken, huge or hostile, or holds no table.
    """
    kind = format_of(path)
    if kind == "xes":
        return _of_xes(path, labels)
    sheets: tuple[Sheet, ...] = ()
    read: str | None = None
    if kind == "csv":
        score = lambda cells: score_of(FIELD_NAMES.values(), cells)  # noqa: E731 -- as read_csv takes it
        lines = read_csv(path, encoding=None, delimiter=None, score=score)
    else:
        sheets = sheets_of(path)
        read = _chosen(path, sheets, sheet)
        lines = read_sheet(path, read)
    return _of_table(path, kind, lines, sheets, read, labels)


def sheets_of(path: Path) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook."""
    return tuple(
        Sheet(line.cells[0], line.cells[1] == "visible", int(line.cells[2]), int(line.cells[3]))
        for line in read_sheet(path, LIST_OF_SHEETS)
    )


def labels_of(tables: DatedTables, on: dt.date) -> dict[str, str]:
    """Return the folded labels of fields of work and of kinds of difficulties, each with its key."""
    fields = {folded(label): key for key, label in tables.procedures.fields().items()}
    return fields | {folded(kind.name_vi): kind.key for kind in tables.competence.kinds(on)}


def _chosen(path: Path, sheets: tuple[Sheet, ...], sheet: str | None) -> str:
    if sheet is not None:
        return sheet
    filled = [one for one in sheets if one.is_visible and one.rows]
    if not filled:
        raise UnusableFile(f"{path.name}: no visible sheet holds anything")
    merits = {
        one.name: _header_of(list(islice(read_sheet(path, one.name), _SEARCH_LINES)))[1] for one in filled
    }
    return max(merits, key=lambda name: merits[name])


def _header_of(head: list[Line]) -> tuple[int, int]:
    """Return the place of the line that names most known columns, else of the fullest one, and its merit."""
    best, merit = 0, (0, 0)
    for place, line in enumerate(head):
        known = score_of(FIELD_NAMES.values(), line.cells)
        words = sum(1 for cell in line.cells if cell and not cell[0].isdigit())
        if (known, min(words, _MOST_COLUMNS)) > merit and words >= _LEAST_CELLS:
            best, merit = place, (known, words)
    return best, merit[0]


def _of_table(
    path: Path,
    kind: Format,
    lines: Iterator[Line],
    sheets: tuple[Sheet, ...],
    read: str | None,
    labels: Mapping[str, str] | None,
) -> Inspection:
    head = list(islice(lines, _SEARCH_LINES))
    if not head:
        raise UnusableFile(f"{path.name}: holds no line")
    place, _ = _header_of(head)
    names = _named(head[place].cells)
    columns = [ColumnSeen(name, field_of(name)) for name in names]
    key = next((at for at, one in enumerate(columns) if one.field == "MaHoSo"), None)
    observed, at = Observed(), key or 0
    layout = Layout(path, _as_mapping(names, key), observed)
    seen = _Rows(columns, key)
    for line in chain(head[place + 1 :], lines):
        if line.error:
            seen.broken.append(line.number)
        elif any(line.cells):
            values = {"MaHoSo": line.cells[at]} if at < len(line.cells) and line.cells[at] else {}
            if layout.is_no_row(line.cells, values, first=not seen.row_count):
                observed.pass_over("", line.number)
            else:
                seen.note(line.number, line.cells)
    return Inspection(
        path.name,
        kind,
        sheets,
        read,
        head[place].number,
        seen.row_count,
        tuple(columns),
        tuple(observed.passed_over.get("", ())),
        tuple(seen.broken),
        columns[key].name if key is not None else None,
        tuple(seen.repeated),
        drafted(
            "cases" if key is not None else None,
            columns,
            sheet=read if len(sheets) > 1 else None,
            labels=labels,
        ),
    )


class _Rows:
    """The rows of a table while they pass; memory holds two numbers per key."""

    def __init__(self, columns: list[ColumnSeen], key: int | None) -> None:
        self._columns = columns
        self._key = key
        self._contents: dict[int, int] = {}
        self.row_count = 0
        self.broken: list[int] = []
        self.repeated: list[int] = []

    def note(self, number: int, cells: tuple[str, ...]) -> None:
        self.row_count += 1
        for place, column in enumerate(self._columns):
            column.note(number, cells[place] if place < len(cells) else "")
        if self._key is not None and self._key < len(cells) and cells[self._key]:
            content = hash(cells)
            if self._contents.setdefault(hash(cells[self._key]), content) != content:
                self.repeated.append(number)


def _named(cells: tuple[str, ...]) -> list[str]:
    return [cell or f"({place})" for place, cell in enumerate(cells[:_MOST_COLUMNS], 1)]


def _as_mapping(names: list[str], key: int | None) -> MappingFile:
    """Return a mapping that serves to part rows from totals and signatures."""
    return MappingFile(kind="cases", columns={"MaHoSo": (names[key] if key is not None else names[0],)})


def _of_xes(path: Path, labels: Mapping[str, str] | None) -> Inspection:
    columns: dict[str, ColumnSeen] = {}
    number = 0
    for number, event in read_xes(path):
        for name, text in event.items():
            if name not in columns and len(columns) < _MOST_COLUMNS:
                columns[name] = ColumnSeen(name, field_of(name))
            if name in columns:
                columns[name].note(number, text)
    for column in columns.values():
        column.empty = number - column.filled
    if not number:
        raise UnusableFile(f"{path.name}: the event log holds no event")
    seen = list(columns.values())
    key = next((name for name in KEY_NAMES if name in columns), None)
    return Inspection(
        path.name,
        "xes",
        (),
        None,
        None,
        number,
        tuple(seen),
        (),
        (),
        key,
        (),
        drafted("events", seen, labels=labels),
    )
