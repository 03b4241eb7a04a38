"""Count the contents of one column of a file: kinds of values, forms of days, distinct values, empty and error cells; pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from dataclasses import field as made
from functools import lru_cache

from services.connectors.foreign_text import is_foreign

MOST_DISTINCT = 2_000
"""Distinct values that are counted; a column with more is no list of words."""
MOST_SHOWN = 30
"""A column with more distinct values, or with no value twice, shows none of them: it may hold names of people."""
_MOST_CHARS = 60
_MOST_LINES = 10
_DAYS_BOTH_WAYS = 12

_ERROR = re.compile(r"#(?:REF|VALUE|N/A|DIV/0|NAME|NUM|NULL|SPILL|CALC)[!?]?")
_FORMS = (
    (re.compile(r"\d{4}-\d\d-\d\d"), "yyyy-mm-dd"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d?:\d\d.*"), "yyyy-mm-dd hh:mm"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "dd/mm/yyyy"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4},? +\d{1,2}:\d\d"), "dd/mm/yyyy hh:mm"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4},? +\d{1,2}:\d\d:\d\d"), "dd/mm/yyyy hh:mm:ss"),
    (
        re.compile(r"\d{1,2}/\d{1,2}/\d{4},? +\d{1,2}:\d\d(?::\d\d)? *(?:[AP]M|SA|CH)", re.IGNORECASE),
        "dd/mm/yyyy hh:mm AM",
    ),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), "dd-mm-yyyy"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "dd.mm.yyyy"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d\d"), "dd/mm/yy"),
)
_FIRST_OF_OTHERS = frozenset("0123456789-#")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE][+-]?\d+")


@dataclass(slots=True)
class ColumnSeen:
    """One column; `field` is what it seems to be, None where its name is not known."""

    name: str
    field: str | None = None
    filled: int = 0
    empty: int = 0
    kinds: Counter[str] = made(default_factory=Counter)
    """How many values are a day of which form, a number, a text."""
    values: Counter[str] = made(default_factory=Counter)
    has_more_values: bool = False
    error_lines: list[int] = made(default_factory=list)
    error_count: int = 0
    foreign_lines: list[int] = made(default_factory=list)
    foreign_count: int = 0
    real_days_up_to_12: int = 0
    real_days: int = 0
    texts_above_12: int = 0
    texts_of_days: int = 0

    def note(self, line: int, text: str) -> None:
        """Note one cell."""
        if not text:
            self.empty += 1
            return
        self.filled += 1
        kind = _kind(text)
        self.kinds[kind] += 1
        if kind == "error":
            self.error_count += 1
            if len(self.error_lines) < _MOST_LINES:
                self.error_lines.append(line)
        elif not text.isascii() or "?" in text:
            self._note_foreign(line, text)
        if kind[0] in "yd":
            self._note_day(kind, text)
        if text in self.values or len(self.values) < MOST_DISTINCT:
            self.values[text] += 1
        else:
            self.has_more_values = True

    def _note_foreign(self, line: int, text: str) -> None:
        if is_foreign(text):
            self.foreign_count += 1
            if len(self.foreign_lines) < _MOST_LINES:
                self.foreign_lines.append(line)

    def _note_day(self, kind: str, text: str) -> None:
        if kind[0] == "y":
            self.real_days += 1
            self.real_days_up_to_12 += int(text[8:10]) <= _DAYS_BOTH_WAYS
        else:
            self.texts_of_days += 1
            self.texts_above_12 += int(re.split(r"\D", text, maxsplit=1)[0]) > _DAYS_BOTH_WAYS

    @property
    def days_may_be_swapped(self) -> bool:
        """Return whether real days are all up to 12 and texts all above: a program swapped day and month."""
        return bool(
            self.real_days
            and self.texts_of_days
            and self.real_days == self.real_days_up_to_12
            and self.texts_of_days == self.texts_above_12
        )

    @property
    def forms(self) -> tuple[str, ...]:
        """Return the forms of days in this column, the most frequent first."""
        return tuple(kind for kind, _ in self.kinds.most_common() if kind.startswith(("dd", "yyyy")))

    @property
    def shows_values(self) -> bool:
        """Return whether the values are few and come again: others may be names of people."""
        return (
            not self.has_more_values
            and len(self.values) <= MOST_SHOWN
            and (not self.values or len(self.values) < self.filled)
        )

    def lines(self) -> list[str]:
        """Return what was seen, as sentences."""
        kinds = ", ".join(f"{kind} × {count:,}" for kind, count in self.kinds.most_common())
        said = [f"{self.filled:,} filled, {self.empty:,} empty" + (f": {kinds}" if kinds else "")]
        if self.error_count:
            said.append(f"{self.error_count:,} error cells, lines {_numbers(self.error_lines)}")
        if self.foreign_count:
            said.append(
                f"{self.foreign_count:,} texts in no known encoding of Vietnamese, lines {_numbers(self.foreign_lines)}"
            )
        if self.days_may_be_swapped:
            said.append(
                "real days are all up to the 12th and texts all after it: day and month may be swapped"
            )
        if self.has_more_values:
            said.append(f"over {MOST_DISTINCT:,} distinct values")
        elif not self.shows_values:
            said.append(f"{len(self.values):,} distinct values")
        else:
            said.extend(f"{count:,} × “{text[:_MOST_CHARS]}”" for text, count in self.values.most_common())
        return said


@lru_cache(maxsize=65536)
def _kind(text: str) -> str:
    if text[0] not in _FIRST_OF_OTHERS:
        return "text"
    if _ERROR.fullmatch(text):
        return "error"
    if _NUMBER.fullmatch(text):
        return "number"
    if _SCIENTIFIC.fullmatch(text):
        return "number in scientific notation"
    return next((name for pattern, name in _FORMS if pattern.fullmatch(text)), "text")


def _numbers(lines: list[int]) -> str:
    return ", ".join(map(str, lines)) + (" …" if len(lines) == _MOST_LINES else "")
