"""Pages of the periodic annex: read and correct it, draw it as DOCX or XLSX, draw one letter for several lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting import privacy
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period, period_words
from reporting.documents.annex import COLUMNS, AnnexRow, Column, count, place_of
from reporting.documents.edits import open_places_of, traces_of
from reporting.documents.letter import addressee_of, draft_letter
from reporting.documents.official import OfficialDocument
from reporting.documents.report import HEADER, periodic_report
from reporting.keyset import Turn
from services.access.actors import Actor
from services.access.policy import may, require
from services.documents.gather import MOST_ISSUES, Gathered
from services.documents.xlsx import draw_xlsx
from services.errors import Forbidden, NotFound
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled, Ticked
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of, level_of
from services.web.shell.paging import Turned, address, cut
from services.web.shell.parts import Parts
from services.web.shell.period_choice import PeriodChoice

router = APIRouter(include_in_schema=False)

_AT = "/tong-hop"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the annex on the page: `texts` are its cells, `last` is when and by whom it was edited."""

    row: AnnexRow
    texts: Mapping[Column, str]
    left_out: bool
    last: tuple[dt.datetime, str] | None


_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PeriodKey = Annotated[str, Query(alias="ky", max_length=10)]


@router.get(_AT)
def annex(request: Request, parts: Here, actor: Who, turn: Turned, key: PeriodKey = "") -> HTMLResponse:
    """Show the annex of a period with its editable cells."""
    gathered = _gather(parts, actor, key)
    return _page(request, parts, actor, gathered, turn)


@router.post(_AT + "/{key}/dong/{issue_id}")
def correct(
    request: Request, key: str, issue_id: UUID, parts: Here, actor: Who, typed: Filled, turn: Turned
) -> Response:
    """Store an officer's correction of one line, or leave the line out of the annex."""
    gathered = _gather(parts, actor, key, to_correct=True)
    proposed = next((row for row in gathered.proposed if row.issue_id == issue_id), None)
    if proposed is None:
        raise NotFound("the annex of this period has no such issue", field="id")
    now, unit_code = parts.clock(), gathered.unit.code
    period = gathered.period.key
    if typed.get("step") in {"leave_out", "take_in"}:
        out = typed["step"] == "leave_out"
        parts.drafts.leave_out(actor, now, unit_code=unit_code, period=period, issue_id=issue_id, out=out)
        return RedirectResponse(_back(gathered.period, turn, "annex_line"), 303)
    # The form reader drops empty fields, so a missing field means an emptied cell.
    wanted: dict[Column, str] = {column: " ".join(typed.get(column, "").split()) for column in COLUMNS}
    try:
        for column, text in wanted.items():
            privacy.check(text, column)
        parts.drafts.correct(
            actor,
            now,
            unit_code=unit_code,
            period=period,
            issue_id=issue_id,
            proposed=proposed.cells,
            wanted=wanted,
        )
    except LienCapError as error:
        found = form_errors_of(error, parts.labels, lang_of(request))
        return _page(
            request, parts, actor, gathered, turn, typed=(issue_id, wanted), errors=found, status=422
        )
    return RedirectResponse(f"{_back(gathered.period, turn, 'annex_kept')}#dong-{issue_id}", 303)


@router.get(_AT + "/{key}/du-thao.{file_format}")
def draw(
    request: Request, key: str, file_format: Literal["docx", "xlsx"], parts: Here, actor: Who
) -> Response:
    """Draw the report with its annex, and store that it was drawn."""
    gathered = _gather(parts, actor, key)
    if (found := _with_personal_data(gathered.rows)) is not None:
        return _page(request, parts, actor, gathered, Turn(), errors=found, status=422)
    units = parts.tables.units
    unit = gathered.unit
    above = units.get(units.province_of(unit.code)) if unit.level == "commune" else None
    document = periodic_report(
        unit,
        above,
        gathered.period,
        gathered.rows,
        parts.annexes.names(local_day(parts.clock())),
        gathered.as_of,
    )
    return _file(parts, actor, gathered, document, "annex", file_format, len(gathered.rows))


@router.post(_AT + "/{key}/cong-van")
def letter(request: Request, key: str, parts: Here, actor: Who, ticked: Ticked) -> Response:
    """Draw one letter for the chosen lines."""
    chosen = set(ticked.get("issue", ()))
    gathered = _gather(parts, actor, key, to_correct=True)
    states = [state for state in gathered.states if str(state.id) in chosen]
    rows = [row for row in gathered.rows if str(row.issue_id) in chosen]
    try:
        addressee = addressee_of(states, to_ministry=gathered.unit.level == "province")
    except LienCapError as error:
        found = form_errors_of(error, parts.labels, lang_of(request))
        return _page(request, parts, actor, gathered, Turn(), errors=found, chosen=chosen, status=422)
    refused = _with_personal_data(rows) or _with_open_places(request, parts, gathered.rows, chosen)
    if refused is not None:
        return _page(request, parts, actor, gathered, Turn(), errors=refused, chosen=chosen, status=422)
    document = draft_letter(
        gathered.unit,
        states,
        rows,
        parts.annexes.names(local_day(parts.clock())),
        addressee=addressee,
        as_of=gathered.as_of,
        with_units=gathered.unit.level == "province",
    )
    return _file(parts, actor, gathered, document, "letter", "docx", len(rows))


def _gather(parts: Parts, actor: Actor, key: str, *, to_correct: bool = False) -> Gathered:
    if level_of(actor) == "nation":
        raise Forbidden("an annex belongs to a commune or a province")
    action: Literal["annex.correct", "annex.read"] = "annex.correct" if to_correct else "annex.read"
    require(actor, action, actor.unit_code, units=parts.tables.units)
    now = parts.clock()
    periods = parts.tables.periods
    period = periods.named(key) if key else periods.containing("month", local_day(now))
    return parts.annexes.gather(parts.tables.units.get(actor.unit_code), period, now)


def _page(
    request: Request,
    parts: Parts,
    actor: Actor,
    gathered: Gathered,
    turn: Turn,
    *,
    typed: tuple[UUID, Mapping[Column, str]] | None = None,
    errors: dict[str, str] | None = None,
    chosen: Collection[str] = (),
    status: int = 200,
) -> HTMLResponse:
    today = local_day(parts.clock())
    reported = {state.id: state.reported_at for state in gathered.states}
    shown, pages = cut(
        gathered.proposed, lambda row: place_of(row, reported[row.issue_id]), turn, partial(address, request)
    )
    drawn = {row.issue_id: row for row in gathered.rows}
    may_correct = may(actor, "annex.correct", actor.unit_code, units=parts.tables.units)
    return layout_of(request).render(
        request,
        "web/annex.html",
        status=status,
        address=_AT,
        period=gathered.period,
        period_words=period_words(gathered.period, lang_of(request)),
        closed=gathered.period.is_closed(today),
        choice=PeriodChoice.of(parts.tables.periods, today, lang_of(request), gathered.period),
        counts=count(gathered.rows),
        most=MOST_ISSUES if gathered.is_cut else None,
        as_of=gathered.as_of,
        columns=[(column, HEADER[column]) for column in COLUMNS],
        rows=[_line(row, drawn.get(row.issue_id), gathered, typed) for row in shown],
        numbers={row.issue_id: position for position, row in enumerate(gathered.rows, start=1)},
        with_units=gathered.unit.level == "province",
        pages=pages,
        turned=_turned(turn),
        may_correct=may_correct,
        drawings=[
            (one, period_words(parts.tables.periods.named(one.period), lang_of(request)))
            for one in parts.drafts.drawings_of(gathered.unit.code)
        ],
        errors=Blank(errors or {}),
        chosen=chosen,
        error_of=None if typed is None else typed[0],
    )


def _line(
    row: AnnexRow,
    drawn: AnnexRow | None,
    gathered: Gathered,
    typed: tuple[UUID, Mapping[Column, str]] | None,
) -> _Line:
    shown = drawn or row
    texts = {column: shown.cells[column].text for column in COLUMNS}
    if typed is not None and typed[0] == row.issue_id:
        texts |= typed[1]
    return _Line(shown, texts, drawn is None, gathered.draft.last.get(row.issue_id))


def _with_personal_data(rows: Sequence[AnnexRow]) -> dict[str, str] | None:
    """Return the numbers of the lines that look like personal data; nothing is drawn before they are corrected."""
    found = [str(position) for position, row in enumerate(rows, start=1) if traces_of(row)]
    return {"personal": ", ".join(found)} if found else None


def _with_open_places(
    request: Request, parts: Parts, rows: Sequence[AnnexRow], chosen: Collection[str]
) -> dict[str, str] | None:
    """Return which of the chosen lines still hold which open place; a letter is drawn only once all are filled in."""
    lang, text = lang_of(request), parts.labels.text
    found = [
        f"{text('annex.line', lang, number=position)}: {', '.join(places)}"
        for position, row in enumerate(rows, start=1)
        if str(row.issue_id) in chosen and (places := open_places_of(row))
    ]
    return {"open": "; ".join(found)} if found else None


def _file(
    parts: Parts,
    actor: Actor,
    gathered: Gathered,
    document: OfficialDocument,
    kind: str,
    file_format: str,
    row_count: int,
) -> Response:
    now = parts.clock()
    content = _docx(document, now) if file_format == "docx" else draw_xlsx(document)
    parts.drafts.note_drawing(
        actor,
        now,
        unit_code=gathered.unit.code,
        period=gathered.period.key,
        kind=kind,
        file_format=file_format,
        row_count=row_count,
        content=content,
    )
    name = f"{'cong-van' if kind == 'letter' else 'tong-hop'}-{gathered.unit.code}-{gathered.period.key}"
    return Response(
        content,
        media_type=_DOCX if file_format == "docx" else _XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="{name}-du-thao.{file_format}"',
            "Cache-Control": "private, no-store",
        },
    )


def _docx(document: OfficialDocument, made_at: dt.datetime) -> bytes:
    from services.documents.docx import draw_docx  # noqa: PLC0415 -- heavy, and most processes draw no document

    return draw_docx(document, made_at=made_at)


def _back(period: Period, turn: Turn, done: str) -> str:
    turned = f"&{found}" if (found := _turned(turn)) else ""
    return f"{_AT}?ky={period.key}{turned}&done={done}"


def _turned(turn: Turn) -> str:
    """Return the part of an address that leads back to the same page."""
    return urlencode({name: value for name, value in (("sau", turn.after), ("truoc", turn.before)) if value})
