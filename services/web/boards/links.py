"""Where a number of a panel leads for its reader: to the list behind it, or nowhere. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

from dashboards.drills import Drill
from dashboards.panel import Panel
from dashboards.vocabulary import Filter, Reader
from services.web.boards.asked import Asked
from services.web.work.asked import PERIODS

_WINDOW: frozenset[Filter] = frozenset({"from", "to"})


class Links:
    """The addresses behind the numbers of a board, for one reader on one day.

    Another board takes every choice of this one along, also those that the panel does not take: a board holds each
    for the panels that do. A list takes what the number counts, or there is no address.

    Args:
        reader: whose lists they are; None for a reader who has no list behind any number.
    """

    def __init__(
        self, reader: Reader | None, own_unit: str, today: dt.date, chosen: Asked, own_body: str | None = None
    ) -> None:
        self._reader = reader
        self._own_body = own_body
        self._own_unit = own_unit
        self._today = today
        self._chosen = chosen

    def find(
        self,
        drills: Iterable[Drill],
        panel: Panel,
        asked: Asked,
        key: str = "",
        refs: Mapping[str, str] | None = None,
    ) -> str:
        """Return the address behind a number; an empty one where no list of the reader holds exactly those rows."""
        return next(
            (
                found
                for one in drills
                if one.reader == self._reader
                and (found := self._to(one, panel, asked, {"key": key, **(refs or {})}))
            ),
            "",
        )

    def _to(self, drill: Drill, panel: Panel, asked: Asked, refs: Mapping[str, str]) -> str:
        if not self._leads(drill, asked, refs):
            return ""
        path = drill.path.format_map({**refs, "unit": asked.unit_code})
        if drill.is_item:
            return path
        if drill.is_board:
            return _with(path, {name: self._chosen.value(name) for name in sorted(self._chosen.chosen)})
        query = self._query(drill, panel, asked)
        return "" if query is None else _with(path, query)

    def _leads(self, drill: Drill, asked: Asked, refs: Mapping[str, str]) -> bool:
        """Return whether the target is there for this row, this reader and this day."""
        is_named = all(value for name, value in refs.items() if f"{{{name}}}" in drill.path)
        is_own = not drill.of_body or refs.get(drill.of_body) == self._own_body
        return is_named and is_own and (not drill.is_now or asked.window.last_on == self._today)

    def _query(self, drill: Drill, panel: Panel, asked: Asked) -> dict[str, str] | None:
        """Return the choices that go along; nothing where one of them cannot."""
        query: dict[str, str] = {}
        if not drill.any_unit and asked.unit_code != self._own_unit:
            if not drill.of_scope:
                return None
            query[drill.of_scope] = asked.unit_code
        if drill.needs_window:
            days = self._last_days(asked)
            if not days:
                return None
            query["since"] = str(days)
        kept = dict(drill.keeps)
        for name in sorted(asked.chosen & set(panel.takes)):
            if name in kept:
                query[kept[name]] = asked.value(name)
            elif not (name in _WINDOW and (drill.needs_window or drill.is_now)):
                return None
        return query

    def _last_days(self, asked: Asked) -> int:
        """Return the length of the window where it is one that lists know: so many days up to today."""
        days = (asked.window.last_on - asked.window.first_on).days + 1
        return days if days in PERIODS and asked.window.last_on == self._today else 0


def _with(path: str, query: Mapping[str, str]) -> str:
    """Add choices to an address, before the part of the page that it names; what it names itself stays as it is."""
    front, mark, part = path.partition("#")
    at, _, own = front.partition("?")
    named = dict(parse_qsl(own))
    joined = urlencode(named | {name: value for name, value in query.items() if name not in named})
    return f"{at}?{joined}{mark}{part}" if joined else path
