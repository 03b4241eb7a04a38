"""Why a case ended late: dated causes that an office may name, with source and confidence."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from events.fields import SLUG
from reporting.dated.csv_rows import Row, Validity, check_apart, rows

_TABLE = "late_causes.csv"
_COLUMNS = ("cause", "name_vi", "name_en", "source", "confidence", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class LateCause:
    """One cause."""

    cause: str
    name_vi: str
    name_en: str
    source: str
    confidence: str
    validity: Validity

    def name(self, lang: Literal["vi", "en"]) -> str:
        """Return the name of the cause."""
        return self.name_en if lang == "en" else self.name_vi


class LateCauses:
    """All causes, in the order of the table; built by `parse_late_causes`."""

    def __init__(self, found: Iterable[LateCause]) -> None:
        self._found = tuple(found)

    def on(self, day: dt.date) -> Sequence[LateCause]:
        """Return the causes that may be named on a local day."""
        return [one for one in self._found if one.validity.holds_on(day)]

    def holds(self, cause: str, day: dt.date) -> bool:
        """Return whether a cause may be named on a local day."""
        return any(one.cause == cause for one in self.on(day))

    def names(self, lang: Literal["vi", "en"]) -> dict[str, str]:
        """Return the name of every cause that the table ever had, by its latest row."""
        return {
            one.cause: one.name(lang) for one in sorted(self._found, key=lambda one: one.validity.valid_from)
        }

    def in_order(self, causes: Iterable[str]) -> list[str]:
        """Return causes in the order of the table; those that it lacks come last."""
        order = list(dict.fromkeys(one.cause for one in self._found))
        return sorted(causes, key=lambda one: (order.index(one) if one in order else len(order), one))


def parse_late_causes(late_causes_csv: str) -> LateCauses:
    """Read the table.

    Raises:
        TableError: names file, line and column.
    """
    found = [(_cause(row), row) for row in rows(_TABLE, late_causes_csv, _COLUMNS)]
    check_apart((one.cause, one.validity, row) for one, row in found)
    return LateCauses(one for one, _ in found)


def _cause(row: Row) -> LateCause:
    key = row.text("cause")
    if not re.fullmatch(SLUG, key):
        row.refuse("cause", f"{key!r} is no key, such as staff_shortage")
    return LateCause(
        cause=key,
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        source=row.text("source"),
        confidence=row.confidence(),
        validity=row.validity(),
    )
