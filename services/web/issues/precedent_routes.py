"""JSON API of precedents: confirmed answers of the actor's province to like difficulties."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from events.fields import Slug
from services.access.tokens import unit_level
from services.errors import Forbidden
from services.language.labels import Lang
from services.web.issues.precedent_schemas import PrecedentList
from services.web.issues.precedent_views import MOST_ON_A_FORM, precedents
from services.web.shell.error_schemas import READ
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/api/v1/precedents", tags=["precedents"])


@router.get("", responses=READ)
def read_precedents(
    parts: Here,
    actor: Who,
    kind: Annotated[list[Slug] | None, Query(description="Only for these kinds.", max_length=60)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = MOST_ON_A_FORM,
    lang: Lang = "vi",
) -> PrecedentList:
    """List the confirmed answers of one's own province, the latest first; a stale one has its reason."""
    if unit_level(actor.unit_code) == "nation":
        raise Forbidden("precedents are those of a province; a ministry reads what was addressed to it")
    province = parts.tables.units.province_of(actor.unit_code)
    return PrecedentList(items=precedents(parts, province, lang, kinds=kind or (), limit=limit))
