"""Read the choices of a request for a board or a panel: unit, window, field, channel, kind; a wrong one is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, cast
from urllib.parse import urlencode

from fastapi import Depends, Request

from dashboards.panel import Filter, Level, Panel, Reader
from events.fields import FIRST_DAY, LAST_DAY
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.policy import require
from services.access.tokens import unit_level
from services.errors import BadInput
from services.web.figures.windows import MAX_DAYS, Window
from services.web.issues.desks import is_of_department
from services.web.shell.identity import Here, Who

_USUAL_DAYS = 30
_KNOWN = frozenset({"unit", "from", "to", "field", "channel", "kind", "lang", "theme"})
_READERS: dict[str, Reader] = {"commune": "commune", "province": "office", "nation": "ministry"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Choices of a request, checked; a text that is empty chooses nothing.

    Attributes:
        chosen: the filters that the address names.
    """

    unit_code: str
    window: Window
    field: str = ""
    channel: str = ""
    kind: str = ""
    chosen: frozenset[Filter] = frozenset()

    @property
    def before(self) -> Window:
        """Return the window of the same length that ends the day before this one."""
        days = (self.window.last_on - self.window.first_on).days + 1
        return Window(
            self.window.first_on - dt.timedelta(days=days), self.window.first_on - dt.timedelta(days=1)
        )

    def value(self, name: Filter) -> str:
        """Return a choice as it stands in an address."""
        values = {
            "from": self.window.first_on.isoformat(),
            "to": self.window.last_on.isoformat(),
            "field": self.field,
            "channel": self.channel,
            "kind": self.kind,
        }
        return values[name]

    def query(self, panel: Panel | None = None, changes: Mapping[str, str] | None = None) -> str:
        """Return the query of an address: the chosen filters, of those that a panel takes where one is given."""
        kept = {"unit": self.unit_code}
        for name in sorted(self.chosen):
            if panel is None or name in panel.takes:
                kept[name] = self.value(name)
        kept.update(changes or {})
        return urlencode(kept)


def asked_of(request: Request, parts: Here, actor: Who) -> Asked:
    """Read the choices of a request (a FastAPI dependency): one's own unit and the last 30 days by default.

    Raises:
        UnknownUnit: no such unit.
        Forbidden: the figures of the unit are not the actor's to read.
        BadInput: a choice that is not known, or has no such value.
    """
    sent = dict(request.query_params)
    unknown = sorted(set(sent) - _KNOWN)
    if unknown:
        raise BadInput(
            f"there is no filter {unknown[0]!r}: there are from, to, field, channel, kind", field=unknown[0]
        )
    unit_code = sent.get("unit") or actor.unit_code
    parts.tables.units.get(unit_code)
    require(actor, "rollups.read", unit_code, units=parts.tables.units)
    chosen = cast("frozenset[Filter]", frozenset(name for name in sent if name in _FILTERS and sent[name]))
    last_on = _day(sent, "to") or local_day(parts.clock())
    first_on = _day(sent, "from") or last_on - dt.timedelta(days=_USUAL_DAYS - 1)
    if first_on > last_on:
        raise BadInput(f"the window ends ({last_on}) before it begins ({first_on})", field="from")
    if (last_on - first_on).days >= MAX_DAYS:
        raise BadInput(f"the window may span {MAX_DAYS} days: ask for fewer", field="from")
    return Asked(
        unit_code,
        Window(first_on, last_on),
        field=_one_of(sent, "field", parts.tables.procedures.fields("vi")),
        channel=_one_of(sent, "channel", CHANNELS),
        kind=_one_of(sent, "kind", {row.kind.key for row in parts.tables.competence.rows()}),
        chosen=chosen,
    )


_FILTERS: tuple[Filter, ...] = ("from", "to", "field", "channel", "kind")
CHANNELS: tuple[str, ...] = ("counter", "online", "post")


def level_of_unit(unit_code: str) -> Level:
    """Return the level of a unit."""
    return unit_level(unit_code)


def reader_of(actor: Actor) -> Reader:
    """Return whose list of work somebody has."""
    return "department" if is_of_department(actor) else _READERS[level_of_unit(actor.unit_code)]


def check_panel(panel: Panel, asked: Asked) -> None:
    """Check that a panel can be asked for what a request chose.

    Raises:
        BadInput: the panel is not of such units, or does not take a filter that was chosen.
    """
    level = level_of_unit(asked.unit_code)
    if level not in panel.levels:
        raise BadInput(
            f"{panel.name} is of {' and '.join(panel.levels)}: {asked.unit_code} is a {level}", field="unit"
        )
    for name in _FILTERS:
        if name in asked.chosen and name not in panel.takes:
            known = f"it takes {', '.join(panel.takes)}" if panel.takes else "it takes none"
            raise BadInput(f"{panel.name} has no filter {name}: {known}", field=name)
    narrowing = [name for name in _FILTERS if name in asked.chosen and name in panel.narrowed]
    if len(narrowing) > 1:
        raise BadInput(f"{panel.name} takes one of {' and '.join(narrowing)} at a time", field=narrowing[-1])


def for_panel(panel: Panel, asked: Asked) -> Asked:
    """Return the choices of a board as far as one of its panels takes them: of two that exclude each other the first."""
    narrowing = [name for name in _FILTERS if name in asked.chosen and name in panel.narrowed]
    left_out = set(narrowing[1:]) | (asked.chosen - set(panel.takes))
    return Asked(
        asked.unit_code,
        asked.window,
        field="" if "field" in left_out else asked.field,
        channel="" if "channel" in left_out else asked.channel,
        kind="" if "kind" in left_out else asked.kind,
        chosen=asked.chosen - left_out,
    )


def _day(sent: dict[str, str], name: str) -> dt.date | None:
    if not sent.get(name):
        return None
    try:
        day = dt.date.fromisoformat(sent[name])
    except ValueError:
        raise BadInput(f"{name} must be a day, YYYY-MM-DD", field=name) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadInput(f"{name} must lie between {FIRST_DAY} and {LAST_DAY}", field=name)
    return day


def _one_of(sent: dict[str, str], name: str, known: Collection[str]) -> str:
    value = sent.get(name, "")
    if value and value not in known:
        raise BadInput(f"there is no {name} {value!r}", field=name)
    return value


AskedOf = Annotated[Asked, Depends(asked_of)]
"""The choices of a request, as a parameter of a route."""
