"""JSON API of the dated tables that forms need: kinds of difficulty, units, bodies."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query

from reporting.dated.bodies import Body
from reporting.dated.calendar import local_day
from reporting.dated.units import Unit
from services.access.policy import require
from services.web.shell.error_schemas import ASKED, problems
from services.web.shell.identity import Here, Who
from services.web.shell.parts import Parts
from services.web.tables.schemas import (
    BodyList,
    BodyView,
    ContactView,
    KindGroup,
    KindTable,
    KindView,
    UnitList,
    UnitView,
)

router = APIRouter(prefix="/api/v1", tags=["tables"])

OnDay = Annotated[dt.date | None, Query(description="The day on which the table is read; today by default.")]


@router.get("/kinds", responses=ASKED)
def list_kinds(parts: Here, actor: Who, on: OnDay = None) -> KindTable:
    """List the kinds of difficulty that hold on a day, with their groups."""
    require(actor, "tables.read", actor.unit_code, units=parts.tables.units)
    competence = parts.tables.competence
    return KindTable(
        version=competence.version,
        groups=[
            KindGroup(key=group.key, name_vi=group.name_vi, name_en=group.name_en)
            for group in competence.groups()
        ],
        items=[
            KindView(
                key=kind.key,
                name_vi=kind.name_vi,
                name_en=kind.name_en,
                group=kind.group_key,
                lane=kind.lane,
            )
            for kind in competence.kinds(on or _today(parts))
        ],
    )


@router.get("/units", responses=ASKED | problems(404))
def list_units(
    parts: Here,
    actor: Who,
    province: Annotated[str | None, Query(description="The province whose communes are wanted.")] = None,
    on: OnDay = None,
) -> UnitList:
    """List the communes of a province or, without one, the provinces."""
    require(actor, "tables.read", actor.unit_code, units=parts.tables.units)
    units = parts.tables.units
    day = on or _today(parts)
    found = units.provinces(day) if province is None else units.communes_of(province, day)
    return UnitList(version=units.version, items=[_unit_view(unit) for unit in found])


@router.get("/bodies", responses=ASKED | problems(404))
def list_bodies(parts: Here, actor: Who, unit: str, on: OnDay = None) -> BodyList:
    """List the bodies of a unit, to which an escalation may be returned or proposed."""
    require(actor, "tables.read", actor.unit_code, units=parts.tables.units)
    bodies, day = parts.tables.bodies, on or _today(parts)
    return BodyList(
        version=bodies.version, items=[_body_view(parts, body, day) for body in bodies.of_unit(unit, day)]
    )


def _today(parts: Parts) -> dt.date:
    return local_day(parts.clock())


def _unit_view(unit: Unit) -> UnitView:
    return UnitView(
        code=unit.code,
        name=unit.name,
        full_name=unit.full_name,
        kind=unit.kind,
        level=unit.level,
        parent_code=unit.parent_code,
    )


def _body_view(parts: Parts, body: Body, on: dt.date) -> BodyView:
    return BodyView(
        id=body.id,
        name_vi=body.name_vi,
        name_en=body.name_en,
        kind=body.kind,
        unit_code=body.unit_code,
        promises_only=body.promises_only,
        contacts=[
            ContactView(
                channel=one.channel,
                address=one.address,
                state=one.state,
                confirmed_on=one.confirmed_on,
                confirmed_by=one.confirmed_by,
            )
            for one in parts.tables.contacts.of(body.id, on)
        ],
    )
