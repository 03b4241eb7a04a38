"""JSON API of the register of promises: villages, promised days, measurements."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.access.policy import require
from services.acting.promise_acts import Recorded, SpotInput, village_key
from services.input_errors import naming_the_field
from services.language.labels import Lang
from services.web.promises.schemas import (
    DaySent,
    MeasurementSent,
    PromiseState,
    SpotList,
    SpotRecorded,
    SpotView,
    VillageSent,
)
from services.web.promises.views import register_of, viewer_of, visible_spot, visible_spots
from services.web.shell.error_schemas import ACTED, READ
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/api/v1/promises", tags=["promises"])


@router.get("", responses=READ)
def read_register(
    parts: Here,
    actor: Who,
    state: Annotated[PromiseState | None, Query()] = None,
    lang: Lang = "vi",
) -> SpotList:
    """List the entries that the actor may see."""
    require(actor, "promises.read", actor.unit_code, actor.body, units=parts.tables.units)
    viewer = viewer_of(parts, lang)
    lines = viewer.lines(visible_spots(parts, actor))
    return SpotList(items=[line for line in lines if state in {None, line.state}])


@router.get("/{spot_id}", responses=READ)
def read_entry(spot_id: UUID, parts: Here, actor: Who, lang: Lang = "vi") -> SpotView:
    """Show one entry."""
    return viewer_of(parts, lang).lines([visible_spot(parts, actor, spot_id)])[0]


@router.post("", status_code=202, responses=ACTED)
def list_village(sent: VillageSent, parts: Here, actor: Who) -> SpotRecorded:
    """List a village; a repetition on the same day records nothing twice."""
    require(actor, "promises.change", sent.unit_code, sent.department, units=parts.tables.units)
    key = village_key(sent.village)
    with naming_the_field():
        said = SpotInput(**sent.model_dump(exclude={"department"}), village_key=key)
    return _answer(register_of(parts).add(actor, sent.department, said))


@router.post("/{spot_id}/days", status_code=202, responses=ACTED)
def promise_day(spot_id: UUID, sent: DaySent, parts: Here, actor: Who) -> SpotRecorded:
    """Record a promised day, or a moved one."""
    spot = visible_spot(parts, actor, spot_id)
    require(actor, "promises.change", spot.unit_code, spot.department, units=parts.tables.units)
    return _answer(register_of(parts).promise(actor, spot, sent.promiser, sent.promised_on))


@router.post("/{spot_id}/measurements", status_code=202, responses=ACTED)
def measure(spot_id: UUID, sent: MeasurementSent, parts: Here, actor: Who) -> SpotRecorded:
    """Record a measurement; only one that finds the service working closes an entry."""
    spot = visible_spot(parts, actor, spot_id)
    require(actor, "promises.measure", spot.unit_code, spot.department, units=parts.tables.units)
    return _answer(register_of(parts).measure(actor, spot, sent.measured_on, works=sent.works))


def _answer(done: Recorded) -> SpotRecorded:
    return SpotRecorded(spot_id=done.spot_id, event_ids=list(done.event_ids), created=bool(done.event_ids))
