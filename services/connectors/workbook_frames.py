"""Requests to the reader of workbooks and its replies: one JSON text a line, piped between two processes."""

from __future__ import annotations

import msgspec


class Asked(msgspec.Struct, frozen=True):
    """The sheet of a workbook to read, and the limits of the reader."""

    sheet: str | int | None
    memory_bytes: int
    cpu_seconds: int
    unpacked_bytes: int
    cells: int
    row_chars: int


Cell = str | float | tuple[str]
"""A cell: a text, a number, or in brackets a day or an instant in ISO 8601."""


class Sheet(msgspec.Struct, frozen=True, tag="sheet"):
    """The sheet whose rows follow, and the names of the sheets that are hidden and therefore not read.

    The name of the only sheet of a workbook is empty: rows need not name it.
    """

    name: str
    hidden: list[str] = []


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    """The next rows: the cells of each, or the reason why it was not taken."""

    rows: list[list[Cell] | str]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why the file as a whole is not taken; the requesting process adds the file's name."""

    sentence: str


class End(msgspec.Struct, frozen=True, tag="end"):
    """The end of the sheet: without it, the reader stopped before the end."""


Frame = Sheet | Rows | Refused | End

LIST_OF_SHEETS = 0
"""Asked as a sheet: the reader yields one row per sheet; the sheets' own numbers begin at 1."""

OUT_OF_MEMORY = 3
FAILED = 4
"""Exit codes of the reader where it cannot send a frame."""

BATCH_ROWS = 500
BATCH_CHARS = 256 * 1024
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""Above the size of a full batch in which each character is escaped."""
