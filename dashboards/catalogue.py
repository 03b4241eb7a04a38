"""Find the boards and panels: every module of `dashboards.boards` that defines `BOARD` is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from dashboards import boards
from dashboards.panel import Board, Panel


@cache
def all_boards() -> tuple[Board, ...]:
    """Return the boards in their order.

    Raises:
        ValueError: two boards or two panels have one name.
    """
    modules = [
        importlib.import_module(f"{boards.__name__}.{one.name}")
        for one in pkgutil.iter_modules(boards.__path__)
    ]
    found = sorted((module.BOARD for module in modules), key=lambda board: board.order)
    names = [board.name for board in found]
    if len(set(names)) < len(names):
        raise ValueError(f"two boards have one name: {sorted(names)}")
    known: dict[str, Panel] = {}
    for panel in (panel for board in found for panel in board.panels):
        if known.setdefault(panel.name, panel) is not panel:
            raise ValueError(f"two panels are named {panel.name!r}: one name has one meaning")
    return tuple(found)


def board_named(name: str) -> Board | None:
    """Return the board of a name; nothing where there is none."""
    return next((board for board in all_boards() if board.name == name), None)


def panel_named(name: str) -> Panel | None:
    """Return the panel of a name; nothing where there is none."""
    return next((panel for board in all_boards() for panel in board.panels if panel.name == name), None)
