"""Dated places of provinces in the schematic map of the nation, with the archipelagos that belong to two of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.dated.csv_rows import Validity, check_apart, rows
from reporting.dated.units import UnitTable
from reporting.errors import UnknownUnit

_TABLE = "tiles.csv"
_COLUMNS = ("unit_code", "short", "column", "row", "confidence", "source", "valid_from", "valid_to")
MOST_COLUMNS, MOST_ROWS = 14, 24
"""As many as the style sheet places."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a unit stands in the map, from column and row 1 at the upper left, and its short name."""

    unit_code: str
    short: str
    column: int
    row: int
    confidence: str
    source: str
    validity: Validity


class TileTable:
    """All tiles; built by `parse_tiles`."""

    def __init__(self, found: Sequence[Tile], version: str) -> None:
        self.version = version
        self._found = tuple(sorted(found, key=lambda tile: (tile.row, tile.column)))

    def on(self, day: dt.date) -> tuple[Tile, ...]:
        """Return the tiles of a local day in the order of reading."""
        return tuple(tile for tile in self._found if tile.validity.holds_on(day))


def parse_tiles(tiles_csv: str, units: UnitTable) -> TileTable:
    """Read the table.

    Raises:
        TableError: names file, line and column.
    """
    found = []
    for row in rows(_TABLE, tiles_csv, _COLUMNS):
        code = row.text("unit_code")
        try:
            if units.get(code).level == "nation":
                row.refuse("unit_code", "the nation is the whole map and no tile of it")
        except UnknownUnit as error:
            row.refuse("unit_code", str(error))
        tile = Tile(
            unit_code=code,
            short=row.text("short"),
            column=row.whole("column", 1, MOST_COLUMNS),
            row=row.whole("row", 1, MOST_ROWS),
            confidence=row.confidence(),
            source=row.text("source"),
            validity=row.validity(),
        )
        found.append((tile, row))
    check_apart((tile.unit_code, tile.validity, row) for tile, row in found)
    check_apart(((tile.column, tile.row), tile.validity, row) for tile, row in found)
    digest = hashlib.sha256(tiles_csv.encode()).hexdigest()
    return TileTable([tile for tile, _ in found], f"tiles-{digest[:8]}")
