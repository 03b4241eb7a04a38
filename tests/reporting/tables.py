"""The committed tables, read as they are shipped, and ways to break them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import reporting

FOLDER = Path(reporting.__file__).parent / "data"


def shipped(name: str) -> str:
    """Return the text of a committed table."""
    return (FOLDER / name).read_text(encoding="utf-8")


def lines(name: str) -> list[dict[str, str]]:
    """Return the rows of a committed table, read by the standard library alone."""
    return list(csv.DictReader(io.StringIO(shipped(name))))


def altered(name: str, line: int, column: str, cell: str) -> str:
    """Return a committed table with one cell replaced; line 2 is the first row."""
    reader = list(csv.reader(io.StringIO(shipped(name))))
    reader[line - 1][reader[0].index(column)] = cell
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(reader)
    return out.getvalue()
