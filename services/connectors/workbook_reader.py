"""The process that opens one workbook: `python -m … PATH ASKED`, rows on standard output, limits before anything else.

It loads only modules that load fast. A file that exceeds a limit ends this process and no other.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import html
import os
import re
import resource
import signal
import sys
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import python_calamine as calamine
from python_calamine import CalamineSheet, CalamineWorkbook, SheetMetadata

from services.connectors.workbook_frames import (
    BATCH_CHARS,
    BATCH_ROWS,
    FAILED,
    LIST_OF_SHEETS,
    OUT_OF_MEMORY,
    Asked,
    Cell,
    End,
    Frame,
    Refused,
    Rows,
    Sheet,
)

Cells = dict[int, dict[int, str]]
"""Texts by row and column, both from 0."""

_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^<>]*(?<!/)>')
# A fault of the parser, or the names of the sheets, may quote as much as the file holds.
_SENTENCE_CHARS = 300
_WINDOW = 4 * 1024 * 1024
_OVERLAP = 16 * 1024
"""Above the length of one cell with its formula, so that no cell is cut in two."""
_HAS_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ERROR_OR_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s(?P<about>[^<>]*)(?<!/)>\s*"
    rb"(?P<computed><(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>(?P<formula>[^<]*)</(?:\w+:)?f>)\s*)?"
    rb"(?:<(?:\w+:)?v(?:\s[^<>]*)?(?:/>|>(?P<value>[^<]*)</(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
_PLACE = re.compile(rb'(?:^|\s)r="([A-Z]{1,3})(\d{1,7})"')
_LINK = re.compile(rb"<(?:\w+:)?Relationship\s([^<>]*)>")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^<>]*)>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_FORMULA_CHARS = 60
_MOST_UNREAD = 100_000
_NUMBER_CHARS = 12
_PACKED = b"PK\x03\x04"
# Rows and columns before the first filled cell take time and no memory.
_EMPTY_BEFORE = 4


class _RefusedFile(Exception):
    """The file is refused; the message is sent to the requesting process."""


def main() -> int:
    """Read one workbook and return the exit code."""
    asked = msgspec.json.decode(sys.argv[2], type=Asked)
    _give_way(asked)
    try:
        try:
            for name, hidden, rows in _sheets(Path(sys.argv[1]), asked):
                _say(Sheet(name, hidden))
                for batch in _batches(rows, asked.row_chars):
                    _say(Rows(batch))
        except _RefusedFile as refused:
            sentence = str(refused)
            more = "" if len(sentence) <= _SENTENCE_CHARS else " …"
            _say(Refused(sentence[:_SENTENCE_CHARS] + more))
        else:
            _say(End())
    except BrokenPipeError:  # the requesting process stopped reading, or is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return OUT_OF_MEMORY
    except BaseException as error:  # noqa: BLE001 -- a panic of the native parser is no Exception
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return FAILED
    return 0


def _give_way(asked: Asked) -> None:
    """Set the limits, and be the first process killed when the machine runs out of memory.

    The requesting process ends this one when it stops; a signal to both must not look like a fault of the
    file.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if sys.platform == "win32":
        return
    for what, most in (
        (resource.RLIMIT_AS, asked.memory_bytes),
        (resource.RLIMIT_CPU, asked.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # Where a system has no such limit, only the requesting process's timer remains.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (limit, hard))


def _say(frame: Frame) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(frame) + b"\n")
    sys.stdout.buffer.flush()


def _batches(rows: Iterator[list[Cell]], most_chars: int) -> Iterator[list[list[Cell] | str]]:
    batch: list[list[Cell] | str] = []
    chars = 0
    for cells in rows:
        length = sum(len(cell) if isinstance(cell, str) else _NUMBER_CHARS for cell in cells)
        # A text that a small file names in a million cells, or a million cells with nothing in them, would fill the
        # memory of whoever collects the rows.
        fits = max(length, len(cells)) <= most_chars
        batch.append(
            cells
            if fits
            else f"the row holds over {most_chars:,} characters or cells; shorten its texts, delete stray cells, or "
            "save the file as CSV"
        )
        chars += length + len(cells) if fits else most_chars
        if len(batch) >= BATCH_ROWS or chars >= BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _sheets(path: Path, asked: Asked) -> Iterator[tuple[str, list[str], Iterator[list[Cell]]]]:
    """Yield the name of each sheet, the names of hidden sheets, and the rows, to be read before the next sheet."""
    try:
        unread = _check_unpacked(path, asked)
        with calamine.CalamineWorkbook.from_path(path) as book:
            if asked.sheet == LIST_OF_SHEETS:
                yield "", [], _list_of(book)
                return
            shown = [about for about in book.sheets_metadata if _is_shown(about)]
            hidden = [about.name for about in book.sheets_metadata if not _is_shown(about)]
            for index, sheet in _chosen(book, asked.sheet):
                _check_span(sheet.height, sheet.width, asked.cells)
                # The yielded rows begin in A1, wherever the first filled cell is.
                last_row, last_column = sheet.end or (0, 0)
                _check_span(last_row + 1, last_column + 1, asked.cells * _EMPTY_BEFORE)
                name = sheet.name if asked.sheet is None and len(shown) > 1 else ""
                yield name, hidden if asked.sheet is None else [], _rows(sheet, unread.get(index, {}))
    except calamine.PasswordError as error:
        raise _RefusedFile("the workbook is locked by a password") from error
    except (calamine.CalamineError, zipfile.BadZipFile) as error:
        raise _RefusedFile(f"not a workbook that can be read ({error})") from error


def _rows(sheet: CalamineSheet, unread: Cells) -> Iterator[list[Cell]]:
    for number, values in enumerate(sheet.iter_rows()):
        cells = [_cell(value) for value in values]
        for column, text in unread.get(number, {}).items():
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = text
        yield cells


def _check_unpacked(path: Path, asked: Asked) -> Mapping[int, Cells]:
    """Refuse a file that could not be read anyway: a zip bomb, or a lone cell at the far corner.

    Returns:
        by the place of the sheet the cells that the library gives as empty and that are not: errors, formulas
        without a value.
    """
    with path.open("rb") as file:
        if file.read(len(_PACKED)) != _PACKED:
            return {}
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        if sum(part.file_size for part in parts) > asked.unpacked_bytes:
            raise _RefusedFile(f"unpacks to over {asked.unpacked_bytes // 2**20} MB; save it as CSV")
        unread: dict[str, Cells] = {}
        for part in parts:
            if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                unread[part.filename] = _check_rectangle(packed, part, asked)
        if not any(unread.values()):
            return {}
        return {place: unread.get(name, {}) for place, name in enumerate(_parts_of_sheets(packed))}


def _check_rectangle(packed: zipfile.ZipFile, part: zipfile.ZipInfo, asked: Asked) -> Cells:
    """Check the span of the filled cells as common programs write them; other files meet the memory limit."""
    unread: Cells = {}
    rows: list[int] = []
    columns: list[int] = []
    with packed.open(part) as stream:
        tail = b""
        while window := stream.read(_WINDOW):
            text = tail + window
            found = _FILLED_CELL.findall(text)
            _note_unread(text, unread)
            tail = text[-_OVERLAP:]
            if found:
                numbers = [int(row) for _, row in found]
                places = {column for column, _ in found}
                rows = [min([*rows[:1], *numbers]), max([*rows[1:], *numbers])]
                indexes = [_column(place) for place in places]
                columns = [min([*columns[:1], *indexes]), max([*columns[1:], *indexes])]
    if rows:
        _check_span(rows[1] - rows[0] + 1, columns[1] - columns[0] + 1, asked.cells)
    return unread


def _note_unread(text: bytes, unread: Cells) -> None:
    """Note the cells of a piece of a sheet that hold an error, or a formula that was never calculated."""
    if b't="e"' not in text and not _HAS_FORMULA.search(text):
        return
    for found in _ERROR_OR_FORMULA.finditer(text):
        about, value = found["about"], found["value"]
        place = _PLACE.search(about)
        is_error = b't="e"' in about
        # A formula whose result is an empty text has the type str.
        was_never_calculated = found["computed"] and not value and b't="str"' not in about
        if place is None or not (is_error or was_never_calculated):
            continue
        shown = value if is_error else b"=(" + (found["formula"] or b"") + b")"
        row = unread.setdefault(int(place[2]) - 1, {})
        row[_column(place[1]) - 1] = html.unescape((shown or b"#REF!").decode(errors="replace"))[
            :_FORMULA_CHARS
        ]
        if len(unread) > _MOST_UNREAD:
            raise _RefusedFile(
                f"over {_MOST_UNREAD:,} rows hold errors or formulas without a value; correct them, and save it anew"
            )


def _parts_of_sheets(packed: zipfile.ZipFile) -> list[str]:
    """Return the part of each sheet, in the order of the workbook; an empty name where it has none."""
    try:
        book = packed.read("xl/workbook.xml")
        links = packed.read("xl/_rels/workbook.xml.rels")
    except KeyError:
        return []
    targets: dict[str, str] = {}
    for tag in _LINK.findall(links):
        said = dict(_ATTRIBUTE.findall(tag))
        target = html.unescape(said.get(b"Target", b"").decode(errors="replace"))
        targets[said.get(b"Id", b"").decode()] = target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
    sheets = (dict(_ATTRIBUTE.findall(tag)) for tag in _SHEET.findall(book))
    return [
        targets.get(next((v for k, v in said.items() if k.endswith(b":id")), b"").decode(), "")
        for said in sheets
    ]


def _check_span(row_count: int, column_count: int, most: int) -> None:
    if row_count * column_count > most:
        raise _RefusedFile(
            f"the filled cells span {row_count:,} rows and {column_count:,} columns; "
            "delete stray cells far away, or save it as CSV"
        )


def _column(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index


def _list_of(book: CalamineWorkbook) -> Iterator[list[Cell]]:
    """Yield name, visibility, rows and columns of each sheet of cells."""
    for index, about in enumerate(book.sheets_metadata):
        if str(about.typ).endswith("WorkSheet"):
            sheet = book.get_sheet_by_index(index)
            yield [
                about.name,
                "visible" if _is_shown(about) else "hidden",
                str(sheet.height),
                str(sheet.width),
            ]


def _chosen(book: CalamineWorkbook, sheet: str | int | None) -> Iterator[tuple[int, CalamineSheet]]:
    """Yield the sheets that are asked for, each with its place: all that are shown and not empty, where none is."""
    names = book.sheet_names
    if isinstance(sheet, str):
        if sheet not in names:
            raise _RefusedFile(f"has no sheet “{sheet}”; it has {', '.join(names)}")
        sheet = names.index(sheet) + 1
    if sheet is not None:
        if not 1 <= sheet <= len(names):
            raise _RefusedFile(f"has {len(names)} sheets, not {sheet}")
        yield sheet - 1, book.get_sheet_by_index(sheet - 1)
        return
    is_any = False
    for index, about in enumerate(book.sheets_metadata):
        if _is_shown(about) and str(about.typ).endswith("WorkSheet"):
            found = book.get_sheet_by_index(index)
            if found.height:
                is_any = True
                yield index, found
    if not is_any:
        raise _RefusedFile("no sheet holds anything")


def _is_shown(about: SheetMetadata) -> bool:
    return str(about.visible).endswith("Visible")


def _cell(value: Any) -> Cell:
    """Return a cell with its type: a text, a number, or a day or instant in ISO form."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, dt.date):  # covers datetime
        return (value.isoformat(),)
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
