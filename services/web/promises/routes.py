"""The JSON API of the register of promises: villages, promised days, measurements."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from events.fields import CommuneCode, Count, LocalDate, Slug
from events.promises import Gap
from services.access.policy import require
from services.acting.promise_acts import Recorded, SpotInput, village_key
from services.input_errors import naming_the_field
from services.language.labels import Lang
from services.web.promises.views import register_of, viewer_of, visible_spot, visible_spots
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/api/v1/promises", tags=["promises"])

State = Literal["late", "open", "promised", "again", "closed"]


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VillageSent(_Sent):
    """A village to list; with a promiser and a day it is also promised."""

    department: Slug
    unit_code: CommuneCode
    village: Annotated[str, Field(min_length=1, max_length=200)]
    gap: Gap
    household_count: Count | None = None
    promiser: Slug | None = None
    promised_on: LocalDate | None = None


class DaySent(_Sent):
    """Who promised which day."""

    promiser: Slug
    promised_on: LocalDate


class MeasurementSent(_Sent):
    """What was found on the spot."""

    measured_on: LocalDate
    works: bool


@router.get("")
def read_register(
    parts: Here,
    actor: Who,
    state: Annotated[State | None, Query()] = None,
    lang: Lang = "vi",
) -> dict[str, Any]:
    """List the entries that the actor may see."""
    require(actor, "promises.read", actor.unit_code, actor.body, units=parts.tables.units)
    viewer = viewer_of(parts, lang)
    lines = viewer.lines(visible_spots(parts, actor))
    return {"items": [line for line in lines if state in {None, line["state"]}]}


@router.get("/{spot_id}")
def read_entry(spot_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> dict[str, Any]:
    """Show one entry."""
    return viewer_of(parts, lang).lines([visible_spot(parts, actor, spot_id)])[0]


@router.post("", status_code=202)
def list_village(sent: VillageSent, parts: Here, actor: Who) -> dict[str, Any]:
    """List a village; the same again on one day records nothing twice."""
    require(actor, "promises.change", sent.unit_code, sent.department, units=parts.tables.units)
    key = village_key(sent.village)
    with naming_the_field():
        said = SpotInput(**sent.model_dump(exclude={"department"}), village_key=key)
    return _answer(register_of(parts).add(actor, sent.department, said))


@router.post("/{spot_id}/days", status_code=202)
def promise_day(spot_id: UUID, sent: DaySent, parts: Here, actor: Who) -> dict[str, Any]:
    """Record that a day was promised, or moved."""
    spot = visible_spot(parts, actor, spot_id)
    require(actor, "promises.change", spot.unit_code, spot.department, units=parts.tables.units)
    return _answer(register_of(parts).promise(actor, spot, sent.promiser, sent.promised_on))


@router.post("/{spot_id}/measurements", status_code=202)
def measure(spot_id: UUID, sent: MeasurementSent, parts: Here, actor: Who) -> dict[str, Any]:
    """Record a measurement; only one that finds it working closes an entry."""
    spot = visible_spot(parts, actor, spot_id)
    require(actor, "promises.measure", spot.unit_code, spot.department, units=parts.tables.units)
    return _answer(register_of(parts).measure(actor, spot, sent.measured_on, works=sent.works))


def _answer(done: Recorded) -> dict[str, Any]:
    return {"spot_id": done.spot_id, "event_ids": done.event_ids, "created": bool(done.event_ids)}
