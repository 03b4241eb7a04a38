"""Write rows as CSV for spreadsheets: its encoding is known, and no text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_BOM = "\ufeff"
"""Without it a spreadsheet takes the file for another encoding."""
_BEGINS_FORMULA = frozenset("=+-@＝＋－＠\t\r\n")


def guarded(text: str) -> str:
    """Return a text so that no spreadsheet takes it for a formula: an apostrophe stands before what would begin one."""
    return f"'{text}" if text[:1] in _BEGINS_FORMULA or text.lstrip()[:1] in _BEGINS_FORMULA else text


def csv_text(head: Iterable[str], rows: Iterable[Iterable[str | float | None]]) -> str:
    """Return a head and rows as CSV; texts are guarded, numbers stay numbers, nothing is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (head, *rows):
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return _BOM + out.getvalue()
