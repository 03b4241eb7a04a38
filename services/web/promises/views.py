"""The register of promises for readers: the entries that an actor may see, with labels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from reporting.dated.bodies import territory_of, unit_named
from reporting.dated.calendar import local_day
from reporting.promises.register import Spot
from services.access.actors import Actor
from services.access.policy import may, require
from services.acting.promise_acts import PromiseRegister
from services.acting.recording import source_of
from services.errors import NotFound
from services.language.labels import Lang
from services.warehouse.promise_table import PromiseTable
from services.web.promises.schemas import SpotView
from services.web.shell.parts import ViewParts

STATES = ("late", "open", "promised", "again", "closed")
"""The tabs of the list; `again` are closed entries that are due for a new measurement."""


def register_of(parts: ViewParts) -> PromiseRegister:
    """Return the writer of the register."""
    return PromiseRegister(parts.store, parts.texts, parts.tables, parts.clock)


def visible_spots(parts: ViewParts, actor: Actor) -> list[Spot]:
    """Return the entries that the actor may see, without struck ones; a department reads its own register."""
    found = PromiseTable(parts.warehouse).within(source_of(actor, parts.tables.units))
    return [spot for spot in found if not spot.struck and _may_see(parts, actor, spot)]


def visible_spot(parts: ViewParts, actor: Actor, spot_id: UUID) -> Spot:
    """Return one entry.

    Raises:
        NotFound: no such entry.
        Forbidden: the actor may not see it.
    """
    spot = PromiseTable(parts.warehouse).get(spot_id)
    if spot is None:
        raise NotFound("there is no entry of that id in the register", field="spot_id")
    require(actor, "promises.read", spot.unit_code, spot.department, units=parts.tables.units)
    return spot


def _may_see(parts: ViewParts, actor: Actor, spot: Spot) -> bool:
    return may(actor, "promises.read", spot.unit_code, spot.department, units=parts.tables.units)


@dataclass(frozen=True, slots=True)
class SpotViewer:
    """Builds views of entries on a day, in a language."""

    parts: ViewParts
    lang: Lang
    on: dt.date

    @property
    def recheck_days(self) -> int:
        """Return after how many days a closed entry is to be measured again."""
        return self.parts.tables.thresholds.get("promise_recheck", self.on).value

    def tab_of(self, spot: Spot) -> str:
        """Return the tab under which an entry stands."""
        return "again" if spot.is_to_be_asked_again(self.on, self.recheck_days) else spot.state(self.on)

    def lines(self, spots: Sequence[Spot]) -> list[SpotView]:
        """Return many entries; their names are fetched together."""
        names = self.parts.texts.fetch(spot.village.id for spot in spots)
        return [self._line(spot, names.get(spot.village.id)) for spot in spots]

    def _line(self, spot: Spot, village: str | None) -> SpotView:
        promise, label = spot.promise, self.parts.labels.text
        last = max(spot.measurements, key=lambda one: one.measured_on, default=None)
        return SpotView(
            id=spot.id,
            unit_code=spot.unit_code,
            unit_name=unit_named(self.parts.tables.units.get(spot.unit_code), self.lang),
            department=spot.department,
            village=village,
            gap=spot.gap,
            gap_label=label(f"promises.gap.{spot.gap}", self.lang),
            household_count=spot.household_count,
            promiser=promise.promiser if promise else None,
            promiser_name=self.body_name(promise.promiser) if promise else None,
            promised_on=promise.promised_on if promise else None,
            first_promised_on=spot.promises[0].promised_on if promise else None,
            moved_count=max(len(spot.promises) - 1, 0),
            slipped_days=spot.slipped_days(self.on),
            state=self.tab_of(spot),
            state_label=label(f"promises.state.{self.tab_of(spot)}", self.lang),
            closed_on=spot.closed_on,
            measured_on=last.measured_on if last else None,
            measured_works=last.works if last else None,
        )

    def body_name(self, body_id: str) -> str:
        """Return the name of a body."""
        body = self.parts.tables.bodies.get(body_id)
        return body.name_en if self.lang == "en" else body.name_vi

    def promisers(self, spot: Spot) -> list[tuple[str, str]]:
        """Return the enterprises of the entry's province, which may promise."""
        bodies = self.parts.tables.bodies.of_unit(territory_of(spot.department), self.on)
        return [
            (body.id, body.name_en if self.lang == "en" else body.name_vi)
            for body in bodies
            if body.promises_only
        ]


def viewer_of(parts: ViewParts, lang: Lang) -> SpotViewer:
    """Return the viewer of today."""
    return SpotViewer(parts, lang, local_day(parts.clock()))
