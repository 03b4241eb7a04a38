"""The schematic map: every province once, neighbours near, archipelagos with theirs; communes laid out by their points."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.dated.tile_grid import cheapest, ordered_grid, placed_grid
from reporting.dated.tiles import MOST_COLUMNS, MOST_ROWS, parse_tiles
from reporting.errors import TableError
from tests.reporting.stories import tables
from tests.reporting.tables import altered, shipped

DAY = dt.date(2026, 11, 30)
UNITS = tables().units
TILES = parse_tiles(shipped("tiles.csv"), UNITS).on(DAY)
PROVINCES = {tile.unit_code: tile for tile in TILES if UNITS.get(tile.unit_code).level == "province"}
points = st.dictionaries(
    st.text("0123456789", min_size=1, max_size=5),
    st.tuples(st.floats(8, 24), st.floats(102, 115)),
    max_size=40,
)


def point(code: str) -> tuple[float, float]:
    unit = UNITS.get(code)
    assert unit.lat is not None
    assert unit.lon is not None
    return unit.lat, unit.lon


def test_every_province_has_one_tile_and_both_archipelagos_have_theirs() -> None:
    assert set(PROVINCES) == {unit.code for unit in UNITS.provinces(DAY)}
    others = {UNITS.get(tile.unit_code).name: UNITS.province_of(tile.unit_code) for tile in TILES}
    assert {name: code for name, code in others.items() if name in {"Hoàng Sa", "Trường Sa"}} == {
        "Hoàng Sa": "48",
        "Trường Sa": "56",
    }
    assert len(TILES) == len(PROVINCES) + 2
    assert len({tile.short for tile in TILES}) == len(TILES)


def test_tiles_side_by_side_are_provinces_that_lie_near_each_other() -> None:
    for one, other in itertools.combinations(PROVINCES.values(), 2):
        if abs(one.column - other.column) + abs(one.row - other.row) == 1:
            assert math.dist(point(one.unit_code), point(other.unit_code)) < 1.75, (one.short, other.short)


def test_what_lies_clearly_north_stands_above_and_what_lies_clearly_east_in_a_row_stands_right() -> None:
    for one, other in itertools.permutations(PROVINCES.values(), 2):
        north, east = (a - b for a, b in zip(point(one.unit_code), point(other.unit_code), strict=True))
        if north > 1.4:
            assert one.row < other.row, (one.short, other.short)
        if one.row == other.row and east > 0.1:
            assert one.column > other.column, (one.short, other.short)


def test_the_archipelagos_stand_off_the_coast_to_the_east_of_their_provinces() -> None:
    place = {tile.unit_code: (tile.row, tile.column) for tile in TILES}
    coast = max(tile.column for tile in PROVINCES.values())
    for island, province in (("20333", "48"), ("22736", "56")):
        assert place[island][1] > coast + 1
        assert 0 <= place[island][0] - place[province][0] <= 1


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("unit_code", "99"),
        ("unit_code", "vn"),
        ("unit_code", "15"),
        ("column", "0"),
        ("column", "15"),
        ("row", "25"),
        ("short", ""),
        ("source", ""),
        ("confidence", "sure"),
        ("valid_to", "2025-07-01"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_its_column(column: str, cell: str) -> None:
    with pytest.raises(TableError) as refused:
        parse_tiles(altered("tiles.csv", 2, column, cell), UNITS)
    assert refused.value.field == ("valid_from" if cell == "15" and column == "unit_code" else column)


def test_two_units_on_one_place_are_refused() -> None:
    with pytest.raises(TableError, match="already holds"):
        parse_tiles(altered("tiles.csv", 2, "column", "3"), UNITS)


@given(points)
def test_each_unit_has_a_place_of_its_own_in_whatever_order_units_come(
    found: dict[str, tuple[float, float]],
) -> None:
    grid = placed_grid(found)
    assert set(grid) == set(found)
    assert len(set(grid.values())) == len(found)
    assert all(1 <= column <= MOST_COLUMNS and 1 <= row <= MOST_ROWS for column, row in grid.values())
    assert placed_grid(dict(reversed(found.items()))) == grid
    for axis in (0, 1):
        taken = {place[axis] for place in grid.values()}
        assert taken == set(range(1, len(taken) + 1)), "no row or column is empty"


@given(
    st.integers(1, 5).flatmap(
        lambda rows: st.lists(
            st.lists(st.integers(0, 9), min_size=6, max_size=6), min_size=rows, max_size=rows
        )
    )
)
def test_the_assignment_is_the_cheapest_of_all(costs: list[list[int]]) -> None:
    chosen = cheapest(costs)
    assert len(set(chosen)) == len(costs)
    every = itertools.permutations(range(6), len(costs))
    least = min(sum(costs[row][column] for row, column in enumerate(one)) for one in every)
    assert sum(costs[row][column] for row, column in enumerate(chosen)) == pytest.approx(least)


@pytest.mark.parametrize("province", ["38", "79", "48", "56"])
def test_communes_of_a_province_keep_their_directions(province: str) -> None:
    """The largest provinces of the country fit the sheet, and north is up: hardly a pair far apart is turned round."""
    places = placed_grid({unit.code: point(unit.code) for unit in UNITS.communes_of(province)})
    assert len(places) == len(UNITS.communes_of(province))
    far = [
        (one, other)
        for one, other in itertools.permutations(places, 2)
        if point(one)[0] - point(other)[0] > 0.25
    ]
    assert sum(places[one][1] >= places[other][1] for one, other in far) < 0.01 * len(far)


def test_units_without_places_stand_in_their_order() -> None:
    assert ordered_grid(["a", "b", "c", "d", "e"]) == {
        "a": (1, 1),
        "b": (2, 1),
        "c": (3, 1),
        "d": (1, 2),
        "e": (2, 2),
    }
    assert ordered_grid([]) == {}
    assert max(row for _, row in ordered_grid([f"{number:05}" for number in range(168)]).values()) == 13
