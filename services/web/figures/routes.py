"""JSON API of figures: roll-ups of a window, and the overview of a unit on a day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Annotated, get_args

from fastapi import APIRouter, Query
from pydantic import Field

from dashboards.definitions.silence import NAMES, WHAT_TO_DO, WHY
from events.fields import LocalDate
from reporting.dated.calendar import local_day
from reporting.silence import SilenceKind
from services.access.policy import may, require
from services.errors import BadInput
from services.language.labels import Lang
from services.web.figures.figures import By, communes_in, overview, rollups
from services.web.figures.newborns import newborns
from services.web.figures.schemas import Newborns, Overview, Rollups, SilenceOfDays, SilentDayView
from services.web.figures.silence import silent_days
from services.web.figures.windows import Asked
from services.web.shell.error_schemas import READ
from services.web.shell.identity import Here, Who

_MOST_DAYS = 10_000

router = APIRouter(prefix="/api/v1/units/{code}", tags=["figures"])


@router.get("/rollups", responses=READ)
def read_rollups(
    code: str, parts: Here, actor: Who, window: Asked, by: By = "day", lang: Lang = "vi"
) -> Annotated[Rollups, Field(discriminator="by")]:
    """Return the figures of a unit and a window by day, field, channel, or both; a province is the sum of its communes."""
    parts.tables.units.get(code)
    require(actor, "rollups.read", code, units=parts.tables.units)
    suppress = not may(actor, "cases.read", code, units=parts.tables.units)
    return rollups(parts, code, window, by, lang, suppress=suppress)


@router.get("/silence", responses=READ)
def read_silence(code: str, parts: Here, actor: Who, window: Asked, lang: Lang = "vi") -> SilenceOfDays:
    """Return of which kind of silence each commune's day of a window is; each is of exactly one."""
    parts.tables.units.get(code)
    require(actor, "rollups.read", code, units=parts.tables.units)
    communes, at = communes_in(parts, code), parts.clock()
    last_on = min(window.last_on, local_day(at))
    asked = max(0, (last_on - window.first_on).days + 1) * len(communes)
    if asked > _MOST_DAYS:
        raise BadInput(
            f"the window holds {asked} days of communes, at most {_MOST_DAYS} are shown: ask for fewer",
            field="from",
        )
    found = silent_days(parts.warehouse, parts.tables, communes, window, at)
    kinds = Counter(one.silence.kind for one in found)
    return SilenceOfDays(
        unit_code=code,
        first_on=window.first_on,
        last_on=window.last_on,
        kinds={kind: kinds[kind] for kind in get_args(SilenceKind)},
        items=[
            SilentDayView(
                unit_code=one.unit_code,
                day=one.day,
                kind=one.silence.kind,
                basis=one.silence.basis,
                kind_label=NAMES[one.silence.kind].of(lang),
                basis_label=WHY[one.silence.basis].of(lang),
                todo=WHAT_TO_DO[one.silence.kind].of(lang),
            )
            for one in found
        ],
    )


@router.get("/newborns", responses=READ)
def read_newborns(code: str, parts: Here, actor: Who, window: Asked) -> Newborns:
    """Return how soon newborns have their personal number, by commune, and who waits at whom."""
    parts.tables.units.get(code)
    require(actor, "rollups.read", code, units=parts.tables.units)
    suppress = not may(actor, "cases.read", code, units=parts.tables.units)
    return newborns(parts, code, window, suppress=suppress)


@router.get("/overview", responses=READ)
def read_overview(
    code: str,
    parts: Here,
    actor: Who,
    on: Annotated[LocalDate | None, Query(description="The local day; today by default.")] = None,
    lang: Lang = "vi",
) -> Annotated[Overview, Field(discriminator="level")]:
    """Return the overview of a unit on a day."""
    parts.tables.units.get(code)
    require(actor, "rollups.read", code, units=parts.tables.units)
    day: dt.date = on or local_day(parts.clock())
    return overview(parts, code, day, lang)
