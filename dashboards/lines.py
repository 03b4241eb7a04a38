"""The lines of an answer: cells with a figure or a sign, the sum of all, and the sentence about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboards.vocabulary import Measure, Names, Sign, Text

Value = int | float | str | dt.date | None
"""A day, too, is a date; an instant is a `datetime`, which is one."""
Row = Mapping[str, object]
"""A row of a named query: column → value."""
KNOWN = "known_"
"""In the sum of all rows, what stands before the sum of those of which nothing is kept back."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, or the sign that stands in its place.

    Attributes:
        before: the value of the period before, where one was asked.
        median: that of the communes of the province, where the panel compares with them.
    """

    value: Value = None
    sign: Sign | None = None
    before: Value = None
    median: Value = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about the rows: words in which each name is filled by (measure or vocabulary, value).

    Attributes:
        ties: for a name that stands first, how many other rows stand level with it.
    """

    words: Text
    values: Mapping[str, tuple[Measure | Names, Value]] = field(default_factory=dict)
    ties: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an answer.

    Attributes:
        named: the code that names it, where that is not its key.
        refs: what addresses may name beside the key.
    """

    key: str
    cells: Mapping[str, Cell]
    across: str = ""
    named: str = ""
    refs: Mapping[str, str] = field(default_factory=dict)

    @property
    def name_code(self) -> str:
        """Return the code that names the row."""
        return self.named or self.key

    def number(self, column: str) -> float | None:
        """Return the figure of a column; nothing where it has a sign, or is no number."""
        value = self.cells[column].value
        return value if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class Answered:
    """The lines of a panel in their order, and the sum of those that have figures."""

    lines: tuple[Line, ...]
    whole: Line

    def total(self, column: str) -> float:
        """Return the sum of a column; nought where there is none."""
        return self.whole.number(column) or 0

    def level_with(self, line: Line, column: str, among: Sequence[Line] | None = None) -> int:
        """Return how many other lines, of all or of those compared, have the same figure of a column."""
        compared = self.lines if among is None else among
        return sum(other.number(column) == line.number(column) for other in compared) - 1

    def most(self, column: str) -> Line | None:
        """Return the line with the largest figure of a column; nothing where no figure is above nought."""
        known = [line for line in self.lines if line.number(column)]
        return max(known, key=lambda line: line.number(column) or 0, default=None)


def always(_row: Row) -> bool:
    """Return that a row has figures: the query leaves out whatever has none."""
    return True


UNREAD = "unread"
"""The key of the one row, without figures, of a reading that could not be read."""


def was_read(row: Row) -> bool:
    """Return whether a row of a reading has figures."""
    return row.get("is_read", True) is True


@dataclass(frozen=True, slots=True)
class Above:
    """The rule that a row has figures where one of some counts is above nought, or kept back; in Python and in SQL."""

    keys: tuple[str, ...]

    def __call__(self, row: Row) -> bool:
        """Return whether a row has figures."""
        counts = [row[key] for key in self.keys]
        return any(one is None or (isinstance(one, int) and one > 0) for one in counts)

    @property
    def sql(self) -> str:
        """Return the same over a row `one` of the query."""
        return " OR ".join(f"isNull(one.{key}) OR one.{key} > 0" for key in self.keys)
