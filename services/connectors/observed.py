"""Collect what a reader of a file met beside rows: lines passed over, sheets not read, texts converted, days in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.connectors.cells import DayCell, NumberCell, no_value
from services.connectors.day_columns import DayColumns
from services.language.legacy_text import Encoding, converted, lost_letters

if TYPE_CHECKING:
    from services.connectors.summary import Summary

MOST_NAMED = 40
"""Lines that a report names of one sheet; of more, it gives the number."""


@dataclass(slots=True)
class Observed:
    """Lines, sheets and texts of one file that need a note; it fills while the file is read."""

    passed_over: dict[str, list[int]] = field(default_factory=dict)
    """By sheet the numbers of the lines that are no rows: totals, headings, notes, signatures."""
    unread: list[str] = field(default_factory=list)
    """Sentences about sheets that look like the table and could not be read."""
    notes: list[str] = field(default_factory=list)
    days: DayColumns = field(default_factory=DayColumns)
    conversions: Counter[Encoding] = field(default_factory=Counter)
    first_conversion: dict[Encoding, int] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)
    """Lines of rows whose letters are lost, so that no encoding brings them back."""

    def pass_over(self, sheet: str, number: int) -> None:
        """Note a line that is no row."""
        self.passed_over.setdefault(sheet, []).append(number)

    def clean(
        self,
        number: int,
        values: Mapping[str, str],
        day_fields: frozenset[str],
        sure: Encoding | None = None,
    ) -> tuple[dict[str, str], tuple[str, str] | None]:
        """Return the values of a row in Unicode, and the first field that holds no value with the reason.

        `sure` is the encoding of the header.
        """
        clean: dict[str, str] = {}
        for name, text in values.items():
            if type(text) is str and text.isascii() and text[:1] not in "#=" and "?" not in text:
                if name in day_fields:
                    self.days.note(name, text)
                clean[name] = text
                continue
            reason = no_value(text)
            if reason is not None:
                return {}, (name, reason)
            if name in day_fields:
                self.days.note(name, text)
            clean[name] = text
            if isinstance(text, NumberCell | DayCell):
                continue
            found = converted(text, sure)
            if found is not None:
                clean[name], encoding = found
                self.conversions[encoding] += 1
                self.first_conversion.setdefault(encoding, number)
            elif (reason := lost_letters(text)) is not None:
                self.lost.append(number)
                return {}, (name, reason)
        return clean, None

    def report_to(self, summary: Summary) -> None:
        """Add what was met to the report of an import."""
        summary.passed_over_count = sum(map(len, self.passed_over.values()))
        summary.passed_over = [
            f"{f'sheet “{sheet}”: ' if sheet else ''}lines {_listed(numbers)}"
            for sheet, numbers in self.passed_over.items()
        ]
        summary.converted_count = self.conversions.total()
        summary.unread = list(self.unread)
        converted_texts = [
            f"{count:,} texts were in {encoding} and were converted; the first is in line {self.first_conversion[encoding]}"
            for encoding, count in self.conversions.items()
        ]
        summary.notes = [*self.notes, *converted_texts, *self.days.warnings()]


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:MOST_NAMED]))
    return shown + (f" and {len(numbers) - MOST_NAMED:,} more" if len(numbers) > MOST_NAMED else "")
