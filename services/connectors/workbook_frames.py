"""What the reader of workbooks is asked for, and what it says: one JSON text a line, over a pipe between two processes."""

from __future__ import annotations

import msgspec


class Asked(msgspec.Struct, frozen=True):
    """Which sheet of a workbook to read, and how much it may take."""

    sheet: str | int | None
    memory_bytes: int
    cpu_seconds: int
    unpacked_bytes: int
    cells: int
    row_chars: int


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    """The next rows: the cells of each, or a sentence why it was not taken."""

    rows: list[list[str] | str]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why the file as a whole is not taken; the file's name is for the asker to say."""

    sentence: str


class End(msgspec.Struct, frozen=True, tag="end"):
    """Nothing follows: without it the reader did not come to the end."""


Frame = Rows | Refused | End

OUT_OF_MEMORY = 3
FAILED = 4
"""Codes with which the reader ends where it cannot say a sentence."""

BATCH_ROWS = 500
BATCH_CHARS = 256 * 1024
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""Above what a full batch can take, with each character escaped."""
