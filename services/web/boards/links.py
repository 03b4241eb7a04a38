"""Where a number of a panel leads for its reader: to the list behind it, or nowhere. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from dashboards.panel import Drill, Filter, Panel, Reader
from services.web.boards.asked import Asked
from services.web.work.asked import PERIODS

_WINDOW: frozenset[Filter] = frozenset({"from", "to"})


class Links:
    """The addresses behind the numbers of a board, for one reader on one day.

    Another board takes every choice of this one along, also those that the panel does not take: a board holds each
    for the panels that do. A list takes what the number counts, or there is no address.
    """

    def __init__(self, reader: Reader, own_unit: str, today: dt.date, chosen: Asked) -> None:
        self._reader = reader
        self._own_unit = own_unit
        self._today = today
        self._chosen = chosen

    def find(self, drills: Iterable[Drill], panel: Panel, asked: Asked, key: str = "") -> str:
        """Return the address behind a number; an empty one where no list of the reader holds exactly those rows."""
        return next(
            (
                found
                for one in drills
                if one.reader == self._reader and (found := self._to(one, panel, asked, key))
            ),
            "",
        )

    def _to(self, drill: Drill, panel: Panel, asked: Asked, key: str) -> str:
        path = drill.path.format(key=key, unit=asked.unit_code)
        if drill.is_board:
            return _with(path, {name: self._chosen.value(name) for name in sorted(self._chosen.chosen)})
        query: dict[str, str] = {}
        if not drill.any_unit and asked.unit_code != self._own_unit:
            if not drill.of_scope:
                return ""
            query[drill.of_scope] = asked.unit_code
        if drill.needs_window:
            days = self._last_days(asked)
            if not days:
                return ""
            query["since"] = str(days)
        kept = dict(drill.keeps)
        for name in sorted(asked.chosen & set(panel.takes)):
            if name in kept:
                query[kept[name]] = asked.value(name)
            elif not (name in _WINDOW and drill.needs_window):
                return ""
        return _with(path, query)

    def _last_days(self, asked: Asked) -> int:
        """Return the length of the window where it is one that lists know: so many days up to today."""
        days = (asked.window.last_on - asked.window.first_on).days + 1
        return days if days in PERIODS and asked.window.last_on == self._today else 0


def _with(path: str, query: Mapping[str, str]) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query)}" if query else path
