"""JSON API of figures: roll-ups of a window, and the overview of a unit on a day."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from events.fields import LocalDate
from reporting.dated.calendar import local_day
from services.access.policy import may, require
from services.language.labels import Lang
from services.web.figures.figures import By, overview, rollups
from services.web.figures.schemas import Overview, Rollups
from services.web.figures.windows import Asked
from services.web.shell.error_schemas import READ
from services.web.shell.identity import Here, Who

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
