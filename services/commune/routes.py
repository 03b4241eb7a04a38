"""JSON API of a commune: synchronise cases, list them, move one, report a difficulty."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool

from services.access.actors import Actor
from services.access.policy import require
from services.commune.case_list import MOST_PER_PAGE, CaseFilter, list_cases
from services.commune.schemas import (
    CaseListAnswer,
    CaseRowsSent,
    CaseStep,
    IssueReceived,
    SyncAnswer,
    SyncCounts,
)
from services.errors import BadInput
from services.intake.case_sync import RowResult
from services.intake.issue_input import IssueInput, read_issue
from services.intake.national_rows import Columns
from services.web.shell.error_schemas import ACTED, READ, SENT
from services.web.shell.identity import Here, Who, actor_of, parts_of
from services.web.shell.openapi import reads
from services.web.shell.parts import Parts

SEEN_SECONDS = 1.0
SEEN_AT_ONCE = 8
"""Requests that wait until their report is folded; beyond that the streams are behind, and waiting is for nothing."""
SMALL_BODY_BYTES = 8_192
"""The largest body that is parsed beside all other requests and committed with them: about twenty rows."""

router = APIRouter(prefix="/api/v1/communes/{unit_code}", tags=["commune"])


@dataclass(frozen=True, slots=True)
class Post:
    """The collaborators, the actor and the unparsed body of a request that records something."""

    parts: Parts
    actor: Actor
    body: bytes


async def _post(request: Request) -> Post:
    return Post(await parts_of(request), await actor_of(request), await request.body())


Posted = Annotated[Post, Depends(_post)]
"""One dependency instead of three: each costs the framework as much as the check of a report."""


@router.post("/cases/sync", response_model=SyncAnswer, responses=SENT)
@reads(CaseRowsSent)
async def sync_cases(unit_code: str, post: Posted) -> Response:
    """Synchronise up to 10,000 rows in the shape of the national synchronisation; return the outcome of each row."""
    parts, actor, body = post.parts, post.actor, post.body
    require(actor, "cases.sync", unit_code, units=parts.tables.units)
    if len(body) > SMALL_BODY_BYTES:
        return await run_in_threadpool(_sync_many, unit_code, body, parts, actor)
    rows = _rows(_parsed(body))
    return _synced(await parts.intake.post_cases(unit_code, rows, actor=actor, now=parts.clock()))


def _sync_many(unit_code: str, body: bytes, parts: Parts, actor: Actor) -> Response:
    rows = _rows(_parsed(body))
    return _synced(parts.intake.sync_cases(unit_code, rows, actor=actor, now=parts.clock()))


def _synced(results: list[RowResult]) -> Response:
    counts = Counter(result.outcome for result in results)
    answer = SyncAnswer(
        counts=SyncCounts(
            created=counts["created"],
            advanced=counts["advanced"],
            unchanged=counts["unchanged"],
            rejected=counts["rejected"],
        ),
        results=results,
    )
    # Serialised here and not by the framework, which would do it beside all other requests.
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/cases", responses=READ)
def read_cases(
    unit_code: str,
    parts: Here,
    actor: Who,
    status: Annotated[int | None, Query(ge=1, le=10, description="National status code.")] = None,
    overdue_on: Annotated[dt.date | None, Query(description="Overdue at the end of this day.")] = None,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50,
) -> CaseListAnswer:
    """List cases that the commune received or is competent for; dossier codes are shown to the commune only."""
    require(actor, "cases.read", unit_code, units=parts.tables.units)
    parts.tables.units.get(unit_code)
    return list_cases(
        parts.store,
        unit_code,
        CaseFilter(status, overdue_on, after, limit),
        with_codes=actor.unit_code == unit_code,
    )


@router.post("/cases/{dossier_code:path}/status", responses=ACTED)
@reads(CaseStep)
async def take_step(unit_code: str, dossier_code: str, post: Posted) -> RowResult:
    """Move one case by one step: `{"TrangThai": 4}`, with the dates and the reason that belong to it."""
    parts, actor = post.parts, post.actor
    require(actor, "cases.sync", unit_code, units=parts.tables.units)
    step = _parsed(post.body)
    if not isinstance(step, dict):
        raise BadInput("a step is an object with TrangThai", field="body")
    return await parts.intake.post_step(unit_code, dossier_code, step, actor=actor, now=parts.clock())


@router.post("/issues", status_code=201, response_model=IssueReceived, responses=ACTED)
@reads(IssueInput)
async def report_issue(unit_code: str, post: Posted) -> Response:
    """Record a difficulty; the same report under the same id gets the same answer."""
    parts, actor = post.parts, post.actor
    require(actor, "issue.report", unit_code, units=parts.tables.units)
    report = read_issue(_parsed(post.body))
    receipt = await parts.intake.post_issue(unit_code, report, actor=actor, now=parts.clock())
    # The report is recorded already; the wait only lets the address below answer at once when the streams keep up.
    if parts.arrivals.awaiting < SEEN_AT_ONCE:
        await parts.arrivals.arrived(receipt.event_id, SEEN_SECONDS, subject=receipt.id)
    answer = IssueReceived(id=receipt.id, state=receipt.state, event_id=receipt.event_id)
    return Response(
        answer.model_dump_json(),
        201,
        {"location": f"/api/v1/issues/{receipt.id}"},
        media_type="application/json",
    )


def _parsed(body: bytes) -> object:
    try:
        parsed: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        detail = {"type": "json_invalid", "loc": ("body",), "msg": "not JSON", "ctx": {"error": str(error)}}
        raise RequestValidationError([detail]) from None
    return parsed


def _rows(parsed: object) -> list[Columns]:
    rows: object = parsed.get("rows") if isinstance(parsed, dict) else parsed
    if not isinstance(rows, list):
        raise BadInput('send a list of rows, or {"rows": [...]}', field="rows")
    return rows
