"""Lay units out as tiles near their true places: the cheapest assignment of units to the cells of a grid."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from functools import lru_cache

from reporting.dated.tiles import MOST_COLUMNS, MOST_ROWS

Place = tuple[int, int]
"""Column and row, from 1 at the upper left."""
Point = tuple[float, float]
"""Degrees north and east."""

_ROOM = 1.25
"""Cells for each unit: with fewer the outline is lost, with more the tiles get small."""
_FAR = 2.0
"""Standard deviations."""
_TALLEST, _WIDEST = 0.5, 2.0


def placed_grid(points: Mapping[str, Point]) -> dict[str, Place]:
    """Return for each unit its place in a grid; the same points give the same grid, in whatever order they come."""
    return dict(_placed(tuple(sorted(points.items()))))


def ordered_grid(codes: Sequence[str]) -> dict[str, Place]:
    """Return for each unit a place in rows, in the order given: for units of which no place is known."""
    width = min(MOST_COLUMNS, max(1, math.ceil(math.sqrt(len(codes)))))
    return {code: (number % width + 1, number // width + 1) for number, code in enumerate(codes)}


@lru_cache(maxsize=128)
def _placed(points: tuple[tuple[str, Point], ...]) -> tuple[tuple[str, Place], ...]:
    """Return the places of units that are in order; kept, because a large province takes a tenth of a second."""
    if not points:
        return ()
    souths = _drawn_in([-point[0] for _, point in points])
    easts = _drawn_in([point[1] for _, point in points])
    columns, rows = _shape(len(points), _extent(easts), _extent(souths))
    across, down = _axis(easts, columns), _axis(souths, rows)
    cells = [(column, row) for row in range(rows) for column in range(columns)]
    costs = [
        [(x - column) ** 2 + (y - row) ** 2 for column, row in cells]
        for x, y in zip(across, down, strict=True)
    ]
    chosen = [cells[cell] for cell in cheapest(costs)]
    # A row or a column that nobody took is closed up.
    of_column = {found: number for number, found in enumerate(sorted({column for column, _ in chosen}), 1)}
    of_row = {found: number for number, found in enumerate(sorted({row for _, row in chosen}), 1)}
    places = [(of_column[column], of_row[row]) for column, row in chosen]
    return tuple((code, place) for (code, _), place in zip(points, places, strict=True))


def _shape(count: int, width: float, height: float) -> tuple[int, int]:
    """Return the columns and rows of a grid with room for some units that lie as wide and as high as that."""
    cells = math.ceil(_ROOM * count)
    ratio = min(_WIDEST, max(_TALLEST, width / height if height else _WIDEST))
    columns = min(MOST_COLUMNS, max(1, round(math.sqrt(cells * ratio)), math.ceil(cells / MOST_ROWS)))
    return columns, math.ceil(cells / columns)


def _drawn_in(values: Sequence[float]) -> list[float]:
    """Return values with the few that lie far off drawn nearer: an archipelago must not squeeze its mainland."""
    middle, spread = statistics.fmean(values), statistics.pstdev(values)
    return [min(middle + _FAR * spread, max(middle - _FAR * spread, value)) for value in values]


def _extent(values: Sequence[float]) -> float:
    return max(values) - min(values)


def _axis(values: Sequence[float], steps: int) -> list[float]:
    """Return where values lie on an axis of so many steps: half by what they are, half by their order.

    By what they are alone a dense coast is torn far inland; by their order alone the outline is lost.
    """
    low, extent, last = min(values), _extent(values), len(values) - 1
    order = {index: rank for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__))}
    return [
        (steps - 1) * ((value - low) / extent if extent else 0.5) / 2
        + (steps - 1) * (order[index] / last if last else 0.5) / 2
        for index, value in enumerate(values)
    ]


def cheapest(costs: Sequence[Sequence[float]]) -> list[int]:
    """Return for each row a column of its own so that the costs add up to the least.

    Args:
        costs: rows of equal length, at least as many columns as rows.
    """
    assignment = _Assignment(costs)
    for row in range(len(costs)):
        assignment.add(row)
    column_of = {row: column for column, row in enumerate(assignment.holder) if row is not None}
    return [column_of[row] for row in range(len(costs))]


class _Assignment:
    """Rows that hold columns, the cheapest way at every moment; a newcomer comes by the shortest chain of moves."""

    def __init__(self, costs: Sequence[Sequence[float]]) -> None:
        self._costs = costs
        self._row_price = [0.0] * len(costs)
        self._column_price = [0.0] * len(costs[0])
        self.holder: list[int | None] = [None] * len(costs[0])

    def add(self, newcomer: int) -> None:
        """Give a column to one more row; others move on where that is cheaper."""
        distance, came_from = [math.inf] * len(self.holder), [-1] * len(self.holder)
        passed, column = self._search(newcomer, distance, came_from)
        length = distance[column]
        self._row_price[newcomer] += length
        for each in passed:
            self._row_price[self._row_at(each)] += length - distance[each]
            self._column_price[each] -= length - distance[each]
        while (before := came_from[column]) >= 0:
            self.holder[column], column = self.holder[before], before
        self.holder[column] = newcomer

    def _search(self, newcomer: int, distance: list[float], came_from: list[int]) -> tuple[list[int], int]:
        """Return the held columns that were passed, and the nearest free one; fill in how far and from where."""
        row, column, so_far = newcomer, -1, 0.0
        passed: list[int] = []
        open_columns = list(range(len(self.holder)))
        while True:
            costs, price = self._costs[row], self._row_price[row]
            for other in open_columns:
                length = so_far + costs[other] - price - self._column_price[other]
                if length < distance[other]:
                    distance[other], came_from[other] = length, column
            column = min(open_columns, key=distance.__getitem__)
            so_far = distance[column]
            if self.holder[column] is None:
                return passed, column
            open_columns.remove(column)
            passed.append(column)
            row = self._row_at(column)

    def _row_at(self, column: int) -> int:
        row = self.holder[column]
        if row is None:
            raise ValueError(f"nobody holds column {column}")
        return row
