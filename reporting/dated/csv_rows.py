"""Read a dated table strictly: a cell that does not fit is refused by file, line and column."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn, TypeVar

from reporting.errors import TableError

_Key = TypeVar("_Key")

CONFIDENCES = ("high", "medium", "low")
"""The confidence of a row: law is known here second-hand, so every dated row states it."""


@dataclass(frozen=True, slots=True)
class Validity:
    """The days on which a row holds: from `valid_from` on, and before `valid_to` (the first day it no longer holds)."""

    valid_from: dt.date
    valid_to: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Return whether the row holds on that local day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Row(
    NamedTuple
):  # a tuple, because tables have thousands of rows and a frozen dataclass is built three times slower
    """One line of a table; each method converts a cell into a value, or raises TableError."""

    table: str
    line: int
    cells: dict[str, str]

    def refuse(self, column: str, why: str) -> NoReturn:
        """Raise the fault of one column of this row.

        Raises:
            TableError: always.
        """
        raise table_error(self.table, self.line, column, why)

    def text(self, column: str) -> str:
        """Return a cell that must not be empty."""
        value = self.cells[column]
        if not value:
            self.refuse(column, "is empty and must not be")
        return value

    def optional(self, column: str) -> str | None:
        """Return a cell, or None where it is empty."""
        return self.cells[column] or None

    def choice(self, column: str, allowed: Collection[str]) -> str:
        """Return a cell that must be one of the allowed words."""
        value = self.cells[column]
        if not value or value not in allowed:
            self.refuse(column, f"{value!r} is none of {', '.join(sorted(allowed))}")
        return value

    def words(self, column: str, separator: str = ";") -> tuple[str, ...]:
        """Return the parts of a cell, without empty ones."""
        return tuple(part.strip() for part in self.cells[column].split(separator) if part.strip())

    def flag(self, column: str) -> bool:
        """Return a cell that must be `true` or `false`."""
        return self.choice(column, ("true", "false")) == "true"

    def whole(self, column: str, low: int = 0, high: int = 1_000_000) -> int:
        """Return a whole number within bounds, both included."""
        value = self.text(column)
        if not (value.isascii() and value.removeprefix("-").isdigit()):
            self.refuse(column, f"{value!r} is no whole number")
        if not low <= int(value) <= high:
            self.refuse(column, f"{value} does not lie between {low} and {high}")
        return int(value)

    def number(self, column: str, low: float, high: float) -> float:
        """Return a decimal number within bounds, both included."""
        value = self.text(column)
        try:
            parsed = float(value)
        except ValueError:
            self.refuse(column, f"{value!r} is no number")
        if not low <= parsed <= high:
            self.refuse(column, f"{value} does not lie between {low} and {high}")
        return parsed

    def day(self, column: str) -> dt.date:
        """Return a local day written YYYY-MM-DD."""
        value = self.text(column)
        if (parsed := _day(value)) is None:
            self.refuse(column, f"{value!r} is no day of the form YYYY-MM-DD")
        return parsed

    def optional_day(self, column: str) -> dt.date | None:
        """Return a local day, or None where the cell is empty."""
        return self.day(column) if self.cells[column] else None

    def time(self, column: str) -> dt.time:
        """Return a local time of day written HH:MM."""
        value = self.text(column)
        try:
            return dt.datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007 -- a time of day has no zone
        except ValueError:
            self.refuse(column, f"{value!r} is no time of the form HH:MM")

    def optional_time(self, column: str) -> dt.time | None:
        """Return a local time of day, or None where the cell is empty."""
        return self.time(column) if self.cells[column] else None

    def confidence(self) -> str:
        """Return the confidence of the row, from the column `confidence`: high, medium or low."""
        return self.choice("confidence", CONFIDENCES)

    def validity(self) -> Validity:
        """Return the days on which the row holds, from the columns `valid_from` and `valid_to`."""
        valid_from, valid_to = self.day("valid_from"), self.optional_day("valid_to")
        if valid_to is not None and valid_to <= valid_from:
            self.refuse("valid_to", f"{valid_to} is not after valid_from {valid_from}")
        return Validity(valid_from, valid_to)


def table_error(table: str, line: int, column: str, why: str) -> TableError:
    """Return the error for one cell; its `field` is the column."""
    return TableError(f"{table} line {line}, column {column}: {why}", field=column)


def rows(name: str, text: str, columns: Sequence[str]) -> list[Row]:
    """Read a table whose header must hold exactly these columns, in any order.

    Args:
        name: file name, for the messages.
        text: the whole file; it is normalised to Unicode NFC, a byte order mark and empty lines are skipped.
        columns: the columns; cells are stripped of surrounding white space.

    Raises:
        TableError: no header, a missing, unknown or repeated column, a line with too few or too many cells,
            broken quoting.
    """
    reader = csv.reader(
        io.StringIO(unicodedata.normalize("NFC", text.removeprefix("\ufeff")), newline=""), strict=True
    )
    found: list[Row] = []
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not cells:
                pass
            elif not header:
                header = _header(name, line, [cell.strip() for cell in cells], columns)
            elif len(cells) != len(header):
                column = header[min(len(cells), len(header) - 1)]
                raise table_error(
                    name, line, column, f"the line has {len(cells)} cells, the header {len(header)}"
                )
            else:
                found.append(Row(name, line, dict(zip(header, map(str.strip, cells), strict=True))))
            line = reader.line_num + 1
    except csv.Error as error:
        raise table_error(name, line, header[0] if header else columns[0], str(error)) from error
    if not header:
        raise table_error(name, 1, columns[0], "the file is empty; it must start with a header")
    return found


def check_apart(dated: Iterable[tuple[_Key, Validity, Row]]) -> None:
    """Refuse a table in which two rows of the same key hold on the same day.

    Raises:
        TableError: names the later line.
    """
    by_key: dict[_Key, list[tuple[Validity, Row]]] = {}
    for key, validity, row in dated:
        earlier = by_key.setdefault(key, [])
        for other, other_row in earlier:
            if other.holds_on(validity.valid_from) or validity.holds_on(other.valid_from):
                row.refuse("valid_from", f"{key} already holds on these days by line {other_row.line}")
        earlier.append((validity, row))


@functools.lru_cache(maxsize=1024)
def _day(value: str) -> dt.date | None:
    # Cached because tables repeat a few days thousands of times.
    try:
        parsed = dt.date.fromisoformat(value)
    except ValueError:
        return None
    return parsed if parsed.isoformat() == value else None  # week dates are refused, and days without dashes


def _header(name: str, line: int, header: list[str], columns: Sequence[str]) -> list[str]:
    for column in columns:
        if column not in header:
            raise table_error(name, line, column, "the column is missing from the header")
    for position, column in enumerate(header):
        if column not in columns:
            raise table_error(name, line, column, f"unknown column; known are {', '.join(columns)}")
        if column in header[:position]:
            raise table_error(name, line, column, "the column stands twice in the header")
    return header
