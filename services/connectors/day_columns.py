"""Notice a column of days in which a spreadsheet swapped day and month where it could; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.connectors.cells import DayCell

LEAST = 2
"""Cells of each kind that make a pattern."""
_MONTHS = 12
_DAY_FIRST = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}\b", re.ASCII)


@dataclass(slots=True)
class _Seen:
    small_days: int = 0
    large_days: int = 0
    small_texts: int = 0
    large_texts: int = 0


class DayColumns:
    """Count in each field the days that are day cells and those that are texts.

    A spreadsheet of another country reads 03/11 as a day in March and leaves 17/11 as the text that it was: then all day
    cells have days up to 12 and all texts days after 12.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def note(self, field: str, cell: str) -> None:
        """Count one cell."""
        seen = self._seen.get(field)
        if seen is None:
            seen = self._seen[field] = _Seen()
        if isinstance(cell, DayCell):
            if int(cell[8:10]) <= _MONTHS:
                seen.small_days += 1
            else:
                seen.large_days += 1
        elif found := _DAY_FIRST.match(cell):
            if int(found[1]) <= _MONTHS and int(found[2]) <= _MONTHS:
                seen.small_texts += 1
            else:
                seen.large_texts += 1

    def warnings(self) -> list[str]:
        """Return a sentence for each field whose day cells and texts part exactly at 12."""
        return [
            f"{field}: {seen.small_days} cells are days up to {_MONTHS} and {seen.large_texts} are texts of days after {_MONTHS}: "
            "a spreadsheet may have swapped day and month in the former; compare them with the source"
            for field, seen in sorted(self._seen.items())
            if not seen.large_days
            and not seen.small_texts
            and min(seen.small_days, seen.large_texts) >= LEAST
        ]
