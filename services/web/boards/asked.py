"""Read the choices of a request for a board or a panel: unit, window, field, channel, kind; a wrong one is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, get_args
from urllib.parse import urlencode

from fastapi import Depends, Request

from dashboards.panel import Panel
from dashboards.vocabulary import FILTERS, Filter, Reader
from events.fields import Channel
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period
from services.access.actors import Actor
from services.access.policy import require
from services.access.tokens import unit_level
from services.errors import BadInput
from services.web.figures.windows import Window, must_be_in_calendar, window_between, window_of_period
from services.web.issues.desks import is_of_department
from services.web.shell.identity import Here, Who
from services.web.shell.parts import Parts

_KNOWN = frozenset({"unit", "period", *FILTERS, "lang", "theme"})
_READERS: dict[str, Reader] = {"commune": "commune", "province": "office", "nation": "ministry"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Choices of a request, checked; a text that is empty chooses nothing.

    Attributes:
        chosen: the filters that the address names; a period stands for both days.
        period: the reporting period that the window is, where one was named, and the one before it.
    """

    unit_code: str
    window: Window
    field: str = ""
    channel: str = ""
    kind: str = ""
    chosen: frozenset[Filter] = frozenset()
    period: tuple[Period, Period] | None = None

    @property
    def before(self) -> Window:
        """Return the window before: of a period the one before it, as far as this one has run; else as many days.

        A period that is over is compared with the whole one before it, however many days each has.
        """
        if self.period is not None:
            named, earlier = self.period
            run = self.window.last_on - self.window.first_on
            is_over = self.window.last_on == named.last_on
            last_on = earlier.last_on if is_over else min(earlier.last_on, earlier.first_on + run)
            return Window(earlier.first_on, last_on)
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
        changes = dict(changes or {})
        keeps_period = self.period is not None and not {"from", "to", "period"} & set(changes)
        for name in sorted(self.chosen):
            if name in {"from", "to"} and self.period is not None:
                continue
            if panel is None or name in panel.takes:
                kept[name] = self.value(name)
        if keeps_period and self.period is not None and (panel is None or "from" in panel.takes):
            kept["period"] = self.period[0].key
        kept.update(changes)
        return urlencode(kept)


def asked_of(request: Request, parts: Here, actor: Who) -> Asked:
    """Read the choices of a request (a FastAPI dependency): one's own unit and the last 30 days by default.

    Raises:
        UnknownUnit, Forbidden, BadInput: as for `asked_from`.
    """
    return asked_from(dict(request.query_params), parts, actor)


def asked_from(sent: Mapping[str, str], parts: Parts, actor: Actor) -> Asked:
    """Check the choices of an address for an actor.

    Raises:
        UnknownUnit: no such unit.
        Forbidden: the figures of the unit are not the actor's to read.
        BadInput: a choice that is not known, or has no such value.
    """
    unknown = sorted(set(sent) - _KNOWN)
    if unknown:
        raise BadInput(f"there is no filter {unknown[0]!r}: there are {', '.join(FILTERS)}", field=unknown[0])
    unit_code = sent.get("unit") or actor.unit_code
    parts.tables.units.get(unit_code)
    require(actor, "rollups.read", unit_code, units=parts.tables.units)
    first, last, today = _day(sent, "from"), _day(sent, "to"), local_day(parts.clock())
    period, chosen = None, {name for name in FILTERS if sent.get(name)}
    if sent.get("period"):
        if first is not None or last is not None:
            raise BadInput("a period has its own days: leave out from and to", field="period")
        named = parts.tables.periods.named(sent["period"])
        period, chosen = (named, parts.tables.periods.previous(named)), chosen | {"from", "to"}
    return Asked(
        unit_code,
        window_of_period(period[0], today) if period else window_between(first, last, today),
        field=_one_of(sent, "field", parts.tables.procedures.fields("vi")),
        channel=_one_of(sent, "channel", get_args(Channel)),
        kind=_one_of(sent, "kind", {row.kind.key for row in parts.tables.competence.rows()}),
        chosen=frozenset(chosen),
        period=period,
    )


def reader_of(actor: Actor) -> Reader:
    """Return whose list of work somebody has."""
    return "department" if is_of_department(actor) else _READERS[unit_level(actor.unit_code)]


def check_panel(panel: Panel, asked: Asked) -> None:
    """Check that a panel can be asked for what a request chose.

    Raises:
        BadInput: the panel is not of such units, or does not take a filter that was chosen.
    """
    level = unit_level(asked.unit_code)
    if level not in panel.levels:
        raise BadInput(
            f"{panel.name} is of {' and '.join(panel.levels)}: {asked.unit_code} is a {level}", field="unit"
        )
    for name in FILTERS:
        if name in asked.chosen and name not in panel.takes:
            known = f"it takes {', '.join(panel.takes)}" if panel.takes else "it takes none"
            raise BadInput(f"{panel.name} has no filter {name}: {known}", field=name)
    narrowing = panel.narrowing(asked.chosen)
    if len(narrowing) > 1:
        raise BadInput(f"{panel.name} takes one of {' and '.join(narrowing)} at a time", field=narrowing[-1])


def for_panel(panel: Panel, asked: Asked) -> Asked:
    """Return the choices of a board as far as one of its panels takes them: of two that exclude each other the first."""
    left_out = set(panel.narrowing(asked.chosen)[1:]) | (asked.chosen - set(panel.takes))
    return Asked(
        asked.unit_code,
        asked.window,
        field="" if "field" in left_out else asked.field,
        channel="" if "channel" in left_out else asked.channel,
        kind="" if "kind" in left_out else asked.kind,
        chosen=asked.chosen - left_out,
        period=asked.period if "from" in panel.takes else None,
    )


def _day(sent: Mapping[str, str], name: str) -> dt.date | None:
    if not sent.get(name):
        return None
    try:
        day = dt.date.fromisoformat(sent[name])
    except ValueError:
        raise BadInput(f"{name} must be a day, YYYY-MM-DD", field=name) from None
    must_be_in_calendar(name, day)
    return day


def _one_of(sent: Mapping[str, str], name: str, known: Collection[str]) -> str:
    value = sent.get(name, "")
    if value and value not in known:
        raise BadInput(f"there is no {name} {value!r}", field=name)
    return value


AskedOf = Annotated[Asked, Depends(asked_of)]
"""The choices of a request, as a parameter of a route."""
