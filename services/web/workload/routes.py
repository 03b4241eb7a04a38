"""JSON API of the workload per person; the same numbers as CSV and XLSX are files of the page."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query

from services.access.policy import may
from services.language.labels import Lang
from services.web.prescribed.asked import of_days, of_period
from services.web.shell.error_schemas import READ
from services.web.shell.identity import Here, Who
from services.web.workload.answers import WorkloadWords
from services.web.workload.reading import WorkloadReader
from services.web.workload.schemas import WorkloadAnswer

router = APIRouter(prefix="/api/v1/units/{code}/workload", tags=["figures"])


@router.get("", responses=READ)
def read_workload(
    code: str,
    parts: Here,
    actor: Who,
    period: Annotated[
        str, Query(max_length=10, description="2026-11, 2026-q4, 2026-h2, 2026-m9, 2026; the running month.")
    ] = "",
    first: Annotated[
        dt.date | None, Query(alias="from", description="First local day, instead of a period.")
    ] = None,
    last: Annotated[dt.date | None, Query(alias="to", description="Last local day.")] = None,
    lang: Lang = "vi",
) -> WorkloadAnswer:
    """Return the work per person of a commune or a province beside like communes, what it rests on, and its checks."""
    if first is None and last is None:
        asked = of_period(parts, actor, code, period, "rollups.read")
    else:
        asked = of_days(parts, actor, code, first, last, "rollups.read")
    reads_cases = may(actor, "cases.read", code, units=parts.tables.units)
    found = WorkloadReader(parts).read(code, asked.window, with_single=reads_cases)
    return WorkloadWords(parts, lang).answer(found, asked.period, with_fields=reads_cases)
