"""The page of imports: what each took and did not, with the lines to download, and overdue marks compared."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.policy import require
from services.access.tokens import unit_level
from services.errors import NotFound
from services.language.labels import Lang
from services.store.import_runs import ImportRuns, RunRecord
from services.web.figures.figures import communes_in
from services.web.shell.csv_file import csv_text
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.parts import Parts
from services.web.shell.schemas import Answer

IMPORTS = "/nhap-lieu"
router = APIRouter(prefix=IMPORTS, include_in_schema=False)


class OverdueCompared(Answer):
    """Row of `overdue_marks_compared`: of how many cases of a unit the source's mark is ours, and of how many not."""

    unit_code: str
    equal_count: int
    ours_only_count: int
    theirs_only_count: int


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """The overdue marks of one commune, with its name."""

    name: str
    marks: OverdueCompared


@router.get("")
def imports(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """List the newest imports of the actor's unit, and compare the source's overdue marks with ours."""
    require(actor, "cases.read", actor.unit_code, units=parts.tables.units)
    return layout_of(request).render(
        request,
        "imports/imports.html",
        address=IMPORTS,
        runs=ImportRuns(parts.store).of_unit(actor.unit_code),
        compared=_compared(parts, actor, lang_of(request)),
    )


@router.get("/{run_id}/loi.csv")
def rejected(run_id: UUID, parts: Here, actor: Who) -> Response:
    """Download the rows that an import did not take: of a commune's reader only the commune's own."""
    require(actor, "cases.read", actor.unit_code, units=parts.tables.units)
    run = _readable(parts, actor, run_id)
    own = (
        actor.unit_code
        if unit_level(actor.unit_code) == "commune" and run.unit_code != actor.unit_code
        else None
    )
    lines = ImportRuns(parts.store).rejected(run_id, own)
    text = csv_text(("line", "unit_code", "field", "reason"), lines)
    headers = {"Content-Disposition": f'attachment; filename="{run_id}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _readable(parts: Parts, actor: Actor, run_id: UUID) -> RunRecord:
    """Return a run of the actor's unit, of a unit inside it, or with rows of the actor's commune.

    Raises:
        NotFound: there is no such run for this actor.
    """
    runs, units = ImportRuns(parts.store), parts.tables.units
    run = runs.get(run_id)
    if run is not None and units.is_within(run.unit_code, actor.unit_code):
        return run
    for known in runs.of_unit(actor.unit_code):
        if known.id == run_id:
            return known
    raise NotFound("no import has this number", field="run")


def _compared(parts: Parts, actor: Actor, lang: Lang) -> list[ComparedLine]:
    units = parts.tables.units
    rows = parts.warehouse.query_of(
        OverdueCompared,
        "overdue_marks_compared",
        units=list(communes_in(parts, actor.unit_code)),
        today=local_day(parts.clock()),
    )
    return [ComparedLine(unit_named(units.get(row.unit_code), lang), row) for row in rows]
