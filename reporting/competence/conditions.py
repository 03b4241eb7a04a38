"""Conditions of a row of competence: comparable bounds and choices on the facts of one issue."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, cast, get_args

from events.fields import PlaceType, Severity, TriedStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from events.issues import ConsideredFacts
    from reporting.dated.csv_rows import Row

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
PLACE_TYPES: tuple[str, ...] = get_args(PlaceType)
TRIED_STEPS: tuple[str, ...] = get_args(TriedStep)

MEASURES = ("amount_dong", "people_affected", "cases_blocked")
"""Facts that are numbers; a condition on one is a half-open range, and an unknown number lies in no range."""
CHOICES: dict[str, tuple[str, ...]] = {"place_type": PLACE_TYPES, "tried_step": TRIED_STEPS}
"""Facts that are one of a few words; a condition on one lists the words that it accepts."""
CONDITION_COLUMNS = (
    "severity_from",
    *(f"{measure}_{end}" for measure in MEASURES for end in ("from", "below")),
    *(f"{choice}s" for choice in CHOICES),
)
_HIGHEST = 10**15
UNKNOWN = None


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` on and below `high`; without `high` there is no upper end."""

    low: int
    high: int | None

    def takes(self, value: int | None) -> bool:
        """Return whether a number lies within the range; an unknown number does not."""
        return value is not None and self.low <= value and (self.high is None or value < self.high)

    def covers(self, other: Range | None) -> bool:
        """Return whether the other range lies within this one."""
        if other is None or other.low < self.low:
            return False
        return self.high is None or (other.high is not None and other.high <= self.high)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a row besides its days; a fact without a condition may be anything, also unknown."""

    severity_from: Severity = SEVERITIES[0]
    ranges: tuple[tuple[str, Range], ...] = ()
    words: tuple[tuple[str, frozenset[str]], ...] = ()

    def hold(self, facts: ConsideredFacts) -> bool:
        """Return whether these facts meet every condition."""
        return (
            SEVERITIES.index(facts.severity) >= SEVERITIES.index(self.severity_from)
            and all(one.takes(getattr(facts, name)) for name, one in self.ranges)
            and all(getattr(facts, name) in taken for name, taken in self.words)
        )

    def cover(self, other: Conditions) -> bool:
        """Return whether every case of `other` is also a case of these conditions."""
        ranges, words = dict(other.ranges), dict(other.words)
        return (
            SEVERITIES.index(self.severity_from) <= SEVERITIES.index(other.severity_from)
            and all(one.covers(ranges.get(name)) for name, one in self.ranges)
            and all(name in words and words[name] <= taken for name, taken in self.words)
        )

    @property
    def precedence(self) -> tuple[int, int]:
        """Return the sort key, the most particular row first: more conditions, then higher severity."""
        severity = SEVERITIES.index(self.severity_from)
        return -(len(self.ranges) + len(self.words) + bool(severity)), -severity


def read_conditions(row: Row) -> Conditions:
    """Read the condition columns of one row; empty cells set no condition.

    Raises:
        TableError: a cell that is no number or no known word, or a range that holds no number.
    """
    ranges = []
    for measure in MEASURES:
        low, high = f"{measure}_from", f"{measure}_below"
        if row.cells[low] or row.cells[high]:
            start = row.whole(low, 0, _HIGHEST) if row.cells[low] else 0
            end = row.whole(high, 1, _HIGHEST) if row.cells[high] else None
            if end is not None and end <= start:
                row.refuse(high, f"{end} is not above {low} {start}")
            ranges.append((measure, Range(start, end)))
    words = []
    for choice, known in CHOICES.items():
        taken = row.words(f"{choice}s")
        if unknown := set(taken) - set(known):
            row.refuse(f"{choice}s", f"{min(unknown)!r} is none of {', '.join(known)}")
        if taken:
            words.append((choice, frozenset(taken)))
    severity = cast("Severity", row.choice("severity_from", SEVERITIES))
    return Conditions(severity, tuple(ranges), tuple(words))


def cells_of(conditions: Iterable[Conditions]) -> Iterator[dict[str, Any]]:
    """Cut the space of all facts into cells within which no condition changes; yield one sample of each cell.

    A sample holds `severity` and every measure and choice on which a condition depends; the others are left
    out. Checking the samples checks every possible case.
    """
    found = list(conditions)
    axes: dict[str, list[Any]] = {"severity": list(SEVERITIES)}
    for measure in MEASURES:
        ranges = [one for condition in found for name, one in condition.ranges if name == measure]
        if ranges:
            ends = {0, *(one.low for one in ranges), *(one.high for one in ranges if one.high is not None)}
            axes[measure] = [UNKNOWN, *sorted(ends)]
    for choice, known in CHOICES.items():
        if any(name == choice for condition in found for name, _ in condition.words):
            axes[choice] = [UNKNOWN, *known]
    for values in product(*axes.values()):
        yield dict(zip(axes, values, strict=True))
