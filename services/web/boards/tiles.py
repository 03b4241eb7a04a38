"""The schematic map of a panel: its lines as tiles that are links, near the places of their units."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dashboards.lines import Cell, Line
from dashboards.panel import Column
from dashboards.vocabulary import Sign
from reporting.dated.bodies import NATION
from reporting.dated.tile_grid import Place, ordered_grid, placed_grid
from reporting.dated.units import Unit
from services.web.boards.exports import raw
from services.web.boards.links import Links
from services.web.boards.reading import Answer
from services.web.boards.wording import SIGNS, Wording

_STEPS = 7


@dataclass(frozen=True, slots=True)
class ShownTile:
    """One tile: where it stands, what it is called, its figure or sign, where it leads.

    Attributes:
        part_of: the province of an archipelago, by its names, long and short: it has that province's ground and no
            figure of its own, because its figures are in those of the province.
    """

    key: str
    name: str
    short: str
    column: int
    row: int
    words: str
    value: str
    sign: Sign | None
    sign_words: str
    step: int
    href: str
    title: str
    part_of: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class TileMap:
    """The tiles in the order of reading, what their figures are, and up to what each step of the ground goes.

    Attributes:
        caption: the label of how the map is to be read.
        notes: sentences about what belongs to what.
    """

    tiles: tuple[ShownTile, ...]
    measured: str
    bounds: tuple[str, ...]
    caption: str
    notes: tuple[str, ...] = ()


def step_of(figure: float | None, most: float) -> int:
    """Return the step of the ground from 1 to 7 for a figure; none where there is no figure."""
    if figure is None:
        return 0
    return min(_STEPS, max(1, math.ceil(_STEPS * figure / most))) if most else 1


def end_of_steps(figures: Iterable[float]) -> float:
    """Return the figure at which the last step begins to hold the rest: nine of ten lie up to it.

    A unit with one open case that is overdue has a share of one; with that as the end all others would look alike.
    """
    found = sorted(figures)
    if not found:
        return 0
    return found[math.ceil(len(found) * 9 / 10) - 1] or found[-1]


class TileMaker:
    """Lays out the lines of one answer."""

    def __init__(self, answer: Answer, words: Wording, links: Links) -> None:
        self._answer = answer
        self._words = words
        self._links = links
        self._column = answer.panel.column(answer.panel.tile)
        self._lines = {line.key: line for line in answer.found.lines}
        lines = answer.found.lines
        figures = [figure for line in lines if (figure := line.number(self._column.name)) is not None]
        self._most, self._end = max(figures, default=0), end_of_steps(figures)

    def map(self) -> TileMap | None:
        """Return the map; none where a single line needs none."""
        if len(self._lines) <= 1:
            return None
        tables, of_nation = self._words.parts.tables, self._answer.asked.unit_code == NATION
        units = [tables.units.get(code) for code in sorted(self._lines)]
        has_points = all(_point(unit) for unit in units)
        if of_nation:
            tiles, caption = list(self._nation()), "nation"
        else:
            tiles, caption = list(self._communes(units, has_points)), "placed" if has_points else "ordered"
        text = self._words.parts.labels.text
        return TileMap(
            tuple(sorted(tiles, key=lambda tile: (tile.row, tile.column))),
            self._column.title.of(self._words.lang) + (", %" if self._column.measure == "share" else ""),
            tuple(self._bound(step) for step in range(1, _STEPS + 1)) if self._most else (),
            caption,
            tuple(
                text("boards.tiles.belongs", self._words.lang, name=tile.name, province=tile.part_of[0])
                for tile in tiles
                if tile.part_of[0]
            ),
        )

    def _nation(self) -> Iterator[ShownTile]:
        """Yield the provinces and archipelagos of the table of tiles, and below them what the table lacks."""
        units = self._words.parts.tables.units
        known = self._words.parts.tables.tiles.on(self._answer.asked.window.last_on)
        short = {tile.unit_code: tile.short for tile in known}
        for tile in known:
            place, code = (tile.column, tile.row), tile.unit_code
            if code in self._lines:
                yield self._tile(self._lines[code], tile.short, place)
            elif (province := units.province_of(code)) in self._lines and province != code:
                part_of = (self._words.short_name(province), short.get(province, ""))
                yield self._tile(self._lines[province], tile.short, place, code, part_of)
        below = max((tile.row for tile in known), default=0)
        missing = sorted(set(self._lines) - set(short))
        for code, (column, row) in ordered_grid(missing).items():
            yield self._tile(self._lines[code], code, (column, row + below))

    def _communes(self, units: Iterable[Unit], has_points: bool) -> Iterator[ShownTile]:
        """Yield communes near their places; in the order of their names where a place is not known."""
        points = {unit.code: point for unit in units if (point := _point(unit))}
        by_name = sorted(units, key=lambda unit: (unit.name, unit.code))
        places = placed_grid(points) if has_points else ordered_grid([unit.code for unit in by_name])
        for code, place in places.items():
            yield self._tile(self._lines[code], "", place)

    def _tile(
        self, line: Line, short: str, place: Place, code: str = "", part_of: tuple[str, str] = ("", "")
    ) -> ShownTile:
        code = code or line.key
        cell, panel = line.cells[self._column.name], self._answer.panel
        name = self._words.short_name(code)
        written = self._words.cell(self._column, cell)
        sign_words = (
            self._words.parts.labels.text(f"boards.sign.{cell.sign}", self._words.lang) if cell.sign else ""
        )
        of = f" ({part_of[0]})" if part_of[0] else ""
        return ShownTile(
            key=code,
            name=name,
            short=short,
            column=place[0],
            row=place[1],
            words=_short(self._column, cell, written),
            value=raw(cell.value),
            sign=cell.sign,
            sign_words=sign_words,
            step=step_of(line.number(self._column.name), self._end),
            href=self._links.find(panel.drill, panel, self._answer.asked, line.key),
            title=f"{self._words.name('unit', code)}{of}: {sign_words or written}",
            part_of=part_of,
        )

    def _bound(self, step: int) -> str:
        bound = self._end * step / _STEPS if step < _STEPS else self._most
        if self._column.measure == "share":
            return self._words.formats.percent(bound)
        return self._words.formats.number(math.floor(bound))


def _point(unit: Unit) -> tuple[float, float] | None:
    return None if unit.lat is None or unit.lon is None else (unit.lat, unit.lon)


def _short(column: Column, cell: Cell, written: str) -> str:
    """Return a figure as short as a tile is narrow: a share in whole hundredths, without their sign."""
    if cell.sign is not None:
        return SIGNS[cell.sign]
    if column.measure != "share" or not isinstance(cell.value, int | float):
        return written
    hundredths = round(cell.value * 100)
    return "<1" if cell.value and not hundredths else str(hundredths)
