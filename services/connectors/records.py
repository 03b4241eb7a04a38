"""Lines of a table, and records whose cells are assigned to fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table as in the file; `fault` is the reason why it could not be read."""

    number: int
    cells: tuple[str, ...]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One row by field, without empty fields. `fault` as in `Line`.

    `number` is the line (CSV), the row (spreadsheet) or the running number of the event (XES).
    """

    number: int
    values: Mapping[str, str]
    error: str | None = None
