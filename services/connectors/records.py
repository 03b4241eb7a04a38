"""What readers yield: lines of a table, and records whose cells have found their field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table as it stands in the file; `fault` says why it could not be read."""

    number: int
    cells: tuple[str, ...]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One row by field; only fields with something in them. `fault` as in `Line`.

    `number` is the line (CSV), the row (spreadsheet) or the running number of the event (XES).
    """

    number: int
    values: Mapping[str, str]
    fault: str | None = None
