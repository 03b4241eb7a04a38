"""Dated kinds of difficulty that are about a place, so that a report of them must name it.

The rule holds for new reports alone: an event without a place, recorded earlier, folds as before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reporting.dated.csv_rows import Validity, check_apart, rows

_TABLE = "place_kinds.csv"
_COLUMNS = ("kind", "confidence", "source", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """One kind that is about a place, between two days."""

    kind: str
    confidence: str
    source: str
    validity: Validity


class PlaceKinds:
    """All kinds that are about a place; built by `parse_place_kinds`."""

    def __init__(self, found: Sequence[PlaceKind], version: str) -> None:
        self.version = version
        self._found = tuple(found)

    def on(self, day: dt.date) -> frozenset[str]:
        """Return the kinds that must name a place when they are reported on that local day."""
        return frozenset(one.kind for one in self._found if one.validity.holds_on(day))


def parse_place_kinds(place_kinds_csv: str, kinds: Collection[str]) -> PlaceKinds:
    """Read the table.

    Args:
        place_kinds_csv: the file.
        kinds: the kinds of difficulty that take a text; a place can be asked of no other.

    Raises:
        TableError: names file, line and column.
    """
    found = [
        (
            PlaceKind(
                kind=row.choice("kind", kinds),
                confidence=row.confidence(),
                source=row.text("source"),
                validity=row.validity(),
            ),
            row,
        )
        for row in rows(_TABLE, place_kinds_csv, _COLUMNS)
    ]
    check_apart((one.kind, one.validity, row) for one, row in found)
    digest = hashlib.sha256(place_kinds_csv.encode()).hexdigest()
    return PlaceKinds([one for one, _ in found], f"places-{digest[:8]}")
