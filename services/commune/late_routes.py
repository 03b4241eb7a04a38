"""JSON API of why a commune's cases ended late: list them by period, and name a cause for many."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from events.fields import SLUG, CaseKey
from reporting.dated.calendar import local_day
from services.access.policy import require
from services.commune.late_cases import MOST_LATE, late_cases, name_causes
from services.intake.case_sync import RowResult
from services.intake.national_rows import TAKEN_BACK
from services.web.shell.error_schemas import ACTED, READ
from services.web.shell.identity import Here, Who
from services.web.shell.schemas import Answer

router = APIRouter(prefix="/api/v1/communes/{unit_code}/late-cases", tags=["commune"])


class LateCaseLine(Answer):
    """One case that was resolved past its due day; the dossier code is shown to its commune only."""

    case_key: str
    dossier_code: str | None
    field_code: str
    procedure_code: str | None
    due_on: dt.date | None
    closed_on: dt.date | None
    late_cause: str | None = Field(description="A key of late_causes.csv; null where nobody named it.")


class LateCasesAnswer(Answer):
    """The late cases of a period, the latest first."""

    period: str
    items: list[LateCaseLine]
    is_cut: bool


class LateCauseSent(BaseModel):
    """A cause, and the cases that it is named for; null takes back the cause that was named."""

    model_config = ConfigDict(extra="forbid")

    cause: Annotated[
        Annotated[str, Field(pattern=SLUG)] | None,
        Field(description="A key of late_causes.csv; null takes back what was named."),
    ]
    case_keys: Annotated[list[CaseKey], Field(min_length=1, max_length=MOST_LATE)]


class LateCausesAnswer(Answer):
    """The outcome for each case, in the order of the call."""

    results: list[RowResult]


@router.get("", responses=READ)
def read_late_cases(
    unit_code: str,
    parts: Here,
    actor: Who,
    period: Annotated[
        str, Query(max_length=10, description="2026-11, 2026-q4, 2026-h2, 2026-m9, 2026; the running month.")
    ] = "",
    *,
    unnamed: Annotated[bool, Query(description="Only those without a cause.")] = False,
) -> LateCasesAnswer:
    """List the cases that ended past their due day in a period."""
    require(actor, "cases.read", unit_code, units=parts.tables.units)
    parts.tables.units.get(unit_code)
    periods = parts.tables.periods
    asked = periods.named(period) if period else periods.containing("month", local_day(parts.clock()))
    found = late_cases(parts.store, unit_code, asked.first_on, asked.last_on, unnamed=unnamed)
    own = actor.unit_code == unit_code
    return LateCasesAnswer(
        period=asked.key,
        items=[
            LateCaseLine(
                case_key=one.case_key,
                dossier_code=one.dossier_code if own else None,
                field_code=one.state.field_code,
                procedure_code=one.state.procedure_code,
                due_on=one.state.due_on,
                closed_on=one.state.closed_on,
                late_cause=one.state.late_cause,
            )
            for one in found
        ],
        is_cut=len(found) == MOST_LATE,
    )


@router.post("/causes", responses=ACTED)
def name_late_causes(unit_code: str, sent: LateCauseSent, parts: Here, actor: Who) -> LateCausesAnswer:
    """Name one cause for some late cases, or take back what was named; each becomes an event of its own.

    One case that did not end past its due day refuses the call (422, `fault` is `cause_of_not_late`), and so does one
    without a cause to take back (`cause_not_named`): nothing is recorded.
    """
    require(actor, "cases.sync", unit_code, units=parts.tables.units)
    return LateCausesAnswer(
        results=name_causes(
            parts.store,
            parts.intake,
            actor,
            parts.clock(),
            unit_code=unit_code,
            case_keys=sent.case_keys,
            cause=TAKEN_BACK if sent.cause is None else sent.cause,
        )
    )
