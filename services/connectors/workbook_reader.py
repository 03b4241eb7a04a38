"""The process that opens one workbook: `python -m … PATH ASKED`, rows on standard output, limits before anything else.

It loads only modules that load fast. A file that exceeds a limit ends this process and no other.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import resource
import signal
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import python_calamine as calamine
from python_calamine import CalamineSheet, CalamineWorkbook

from services.connectors.workbook_frames import (
    BATCH_CHARS,
    BATCH_ROWS,
    FAILED,
    LIST_OF_SHEETS,
    OUT_OF_MEMORY,
    Asked,
    End,
    Frame,
    Refused,
    Rows,
)

_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^<>]*(?<!/)>')
# A fault of the parser, or the names of the sheets, may quote as much as the file holds.
_SENTENCE_CHARS = 300
_WINDOW = 4 * 1024 * 1024
_OVERLAP = 512
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
            for rows in _batches(_rows(Path(sys.argv[1]), asked), asked.row_chars):
                _say(Rows(rows))
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


def _batches(rows: Iterator[list[str]], most_chars: int) -> Iterator[list[list[str] | str]]:
    batch: list[list[str] | str] = []
    chars = 0
    for cells in rows:
        length = sum(map(len, cells))
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


def _rows(path: Path, asked: Asked) -> Iterator[list[str]]:
    try:
        _check_unpacked(path, asked)
        with calamine.CalamineWorkbook.from_path(path) as book:
            if asked.sheet == LIST_OF_SHEETS:
                yield from _sheets(book)
                return
            sheet = _chosen(book, asked.sheet)
            _check_span(sheet.height, sheet.width, asked.cells)
            # The yielded rows begin in A1, wherever the first filled cell is.
            last_row, last_column = sheet.end or (0, 0)
            _check_span(last_row + 1, last_column + 1, asked.cells * _EMPTY_BEFORE)
            for cells in sheet.iter_rows():
                yield [_text(cell) for cell in cells]
    except calamine.PasswordError as error:
        raise _RefusedFile("the workbook is locked by a password") from error
    except (calamine.CalamineError, zipfile.BadZipFile) as error:
        raise _RefusedFile(f"not a workbook that can be read ({error})") from error


def _check_unpacked(path: Path, asked: Asked) -> None:
    """Refuse a file that could not be read anyway: a zip bomb, or a lone cell at the far corner."""
    with path.open("rb") as file:
        if file.read(len(_PACKED)) != _PACKED:
            return
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        if sum(part.file_size for part in parts) > asked.unpacked_bytes:
            raise _RefusedFile(f"unpacks to over {asked.unpacked_bytes // 2**20} MB; save it as CSV")
        for part in parts:
            if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                _check_rectangle(packed, part, asked)


def _check_rectangle(packed: zipfile.ZipFile, part: zipfile.ZipInfo, asked: Asked) -> None:
    """Check the span of the filled cells as common programs write them; other files meet the memory limit."""
    rows: list[int] = []
    columns: list[int] = []
    with packed.open(part) as stream:
        tail = b""
        while window := stream.read(_WINDOW):
            found = _FILLED_CELL.findall(tail + window)
            tail = window[-_OVERLAP:]
            if found:
                numbers = [int(row) for _, row in found]
                places = {column for column, _ in found}
                rows = [min([*rows[:1], *numbers]), max([*rows[1:], *numbers])]
                indexes = [_column(place) for place in places]
                columns = [min([*columns[:1], *indexes]), max([*columns[1:], *indexes])]
    if rows:
        _check_span(rows[1] - rows[0] + 1, columns[1] - columns[0] + 1, asked.cells)


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


def _sheets(book: CalamineWorkbook) -> Iterator[list[str]]:
    """Yield name, visibility, rows and columns of each sheet of cells."""
    for index, about in enumerate(book.sheets_metadata):
        if str(about.typ).endswith("WorkSheet"):
            sheet = book.get_sheet_by_index(index)
            visible = "visible" if str(about.visible).endswith("Visible") else "hidden"
            yield [about.name, visible, str(sheet.height), str(sheet.width)]


def _chosen(book: CalamineWorkbook, sheet: str | int | None) -> CalamineSheet:
    names = book.sheet_names
    if isinstance(sheet, str):
        if sheet not in names:
            raise _RefusedFile(f"has no sheet “{sheet}”; it has {', '.join(names)}")
        return book.get_sheet_by_name(sheet)
    if sheet is not None:
        if not 1 <= sheet <= len(names):
            raise _RefusedFile(f"has {len(names)} sheets, not {sheet}")
        return book.get_sheet_by_index(sheet - 1)
    for index, about in enumerate(book.sheets_metadata):
        if str(about.visible).endswith("Visible") and str(about.typ).endswith("WorkSheet"):
            found = book.get_sheet_by_index(index)
            if found.height:
                return found
    raise _RefusedFile("no sheet holds anything")


def _text(cell: Any) -> str:
    """Return a cell as text: whole numbers without a point, days and instants in ISO form."""
    if isinstance(cell, str):
        return unicodedata.normalize("NFC", cell).strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, dt.date):  # covers datetime
        return cell.isoformat()
    return str(cell)


if __name__ == "__main__":
    sys.exit(main())
