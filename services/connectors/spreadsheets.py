"""Read a sheet of an XLSX or XLS workbook row by row, every cell as text; sizes are checked before it is opened."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.connectors.faults import UnusableFile
from services.connectors.formats import format_of
from services.connectors.records import Line

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MAX_FILE_BYTES = 128 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
# The reader keeps the rectangle around all filled cells in memory, about 32 bytes a cell.
MAX_CELLS = 10_000_000

_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
_WINDOW = 4 * 1024 * 1024
_OVERLAP = 512


def read_sheet(path: Path, sheet: str | int | None) -> Iterator[Line]:
    """Yield the rows of one sheet, numbered as the spreadsheet program numbers them.

    Args:
        path: the workbook.
        sheet: its name, or its place counted from 1; None for the first visible one that holds anything.

    Raises:
        UnusableFile: broken, locked by a password, too large, or without that sheet.
    """
    import python_calamine as calamine  # noqa: PLC0415 -- only the import of a workbook pays for it

    if path.stat().st_size > MAX_FILE_BYTES:
        raise UnusableFile(f"{path.name}: over {MAX_FILE_BYTES // 2**20} MB; save it as CSV")
    try:
        if format_of(path) == "xlsx":
            _check_unpacked(path)
        with calamine.CalamineWorkbook.from_path(path) as book:
            for number, cells in enumerate(_chosen(book, sheet, path).iter_rows(), start=1):
                yield Line(number, tuple(_text(cell) for cell in cells))
    except calamine.PasswordError as fault:
        raise UnusableFile(f"{path.name}: the workbook is locked by a password") from fault
    except (calamine.CalamineError, zipfile.BadZipFile) as fault:
        raise UnusableFile(f"{path.name}: not a workbook that can be read ({fault})") from fault


def _check_unpacked(path: Path) -> None:
    """Refuse what would not fit in memory: a packed bomb, or a lone cell at the far corner of the sheet."""
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise UnusableFile(
                f"{path.name}: unpacks to over {MAX_UNPACKED_BYTES // 2**20} MB; save it as CSV"
            )
        for part in parts:
            if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                _check_rectangle(path, packed, part)


def _check_rectangle(path: Path, packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
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
    if rows and (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1) > MAX_CELLS:
        raise UnusableFile(
            f"{path.name}: the filled cells span {rows[1] - rows[0] + 1:,} rows and "
            f"{columns[1] - columns[0] + 1:,} columns; delete stray cells far away, or save it as CSV"
        )


def _column(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index


def _chosen(book: CalamineWorkbook, sheet: str | int | None, path: Path) -> CalamineSheet:
    names = book.sheet_names
    if isinstance(sheet, str):
        if sheet not in names:
            raise UnusableFile(f"{path.name}: has no sheet “{sheet}”; it has {', '.join(names)}")
        return book.get_sheet_by_name(sheet)
    if sheet is not None:
        if not 1 <= sheet <= len(names):
            raise UnusableFile(f"{path.name}: has {len(names)} sheets, not {sheet}")
        return book.get_sheet_by_index(sheet - 1)
    for index, about in enumerate(book.sheets_metadata):
        if str(about.visible).endswith("Visible") and str(about.typ).endswith("WorkSheet"):
            found = book.get_sheet_by_index(index)
            if found.height:
                return found
    raise UnusableFile(f"{path.name}: no sheet holds anything")


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
