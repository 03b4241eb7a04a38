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
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One row by field, without empty fields. `fault` as in `Line`.

    `number` is the line (CSV), the row (spreadsheet) or the running number of the event (XES). A number or a day of a
    workbook keeps its type (`cells`). `field` is the field that the error is about; `sheet` is named where a workbook
    has several.
    """

    number: int
    values: Mapping[str, str]
    error: str | None = None
    field: str | None = None
    sheet: str = ""

    def placed(self, sentence: str) -> str:
        """Return a sentence about the row with the sheet on which it stands."""
        return placed(sentence, self.sheet)


def placed(sentence: str, sheet: str) -> str:
    """Return a sentence with the sheet that it is about, where the workbook has several."""
    return f"sheet “{sheet}”: {sentence}" if sheet else sentence
