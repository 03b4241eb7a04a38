"""The five numbers that leave once a week, by level: those of the panel that a board shows, and the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboards.boards import commune_sheet, nation, province
from dashboards.definitions.cases import LOAD
from dashboards.definitions.sheet import FIVE
from dashboards.panel import Board, Column, Panel
from dashboards.vocabulary import Level

_COUNT = 5


@dataclass(frozen=True, slots=True)
class Weekly:
    """The numbers that a level gets, of a panel, and the board to read on."""

    board: Board
    panel: Panel

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns of the numbers; the ends of an interval stand beside their share alone."""
        ends = {name for column in self.panel.columns for name in column.interval or ()}
        return tuple(column for column in self.panel.columns if column.name not in ends)[:_COUNT]


WEEKLY: Mapping[Level, Weekly] = {
    "commune": Weekly(commune_sheet.BOARD, FIVE),
    "province": Weekly(province.BOARD, LOAD),
    "nation": Weekly(nation.BOARD, LOAD),
}
