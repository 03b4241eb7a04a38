"""The page on which a commune names why its cases ended late: one by one, or for all that are ticked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting.cases.advance import STEP_TAKEN_BACK
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period
from services.access.actors import Actor
from services.access.policy import may, require
from services.commune.case_file import procedure_name
from services.commune.late_cases import MOST_LATE, LateCase, late_cases, name_causes
from services.errors import Forbidden
from services.intake.national_rows import TAKEN_BACK
from services.web.shell.dues import Due
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Ticked
from services.web.shell.identity import Here, Who
from services.web.shell.layout import dues_of, lang_of, layout_of, level_of
from services.web.shell.parts import Parts
from services.web.shell.period_choice import PeriodChoice
from services.web.shell.rows import Row

AT = "/xa/ho-so/qua-han"
router = APIRouter(prefix=AT, include_in_schema=False)

PeriodKey = Annotated[str, Query(alias="ky", max_length=10)]
Every = Annotated[bool, Query(alias="tat_ca")]


@router.get("")
def late(
    request: Request, parts: Here, actor: Who, key: PeriodKey = "", *, every: Every = False
) -> HTMLResponse:
    """Show the cases that ended late in a period: those without a cause, or all."""
    _may(parts, actor)
    return _page(request, parts, actor, _period(parts, key), every=every)


@router.post("")
def name(
    request: Request, parts: Here, actor: Who, sent: Ticked, key: PeriodKey = "", *, every: Every = False
) -> Response:
    """Record the chosen cause for each case that was ticked."""
    _may(parts, actor)
    require(actor, "cases.sync", actor.unit_code, units=parts.tables.units)
    period = _period(parts, key)
    try:
        results = name_causes(
            parts.store,
            parts.intake,
            actor,
            parts.clock(),
            unit_code=actor.unit_code,
            case_keys=sent.get("case", []),
            cause=(sent.get("cause") or [""])[0],
        )
    except LienCapError as error:
        if isinstance(error, Forbidden):
            raise
        found = form_errors_of(error, parts.labels, lang_of(request))
        return _page(request, parts, actor, period, every=every, sent=sent, errors=found, status=422)
    if refused := [one.reason or "" for one in results if one.outcome == "rejected"]:
        errors = {"cause": " ".join(dict.fromkeys(refused))}
        return _page(request, parts, actor, period, every=every, sent=sent, errors=errors, status=422)
    done = "causes_back" if sent.get("cause") == [TAKEN_BACK] else "causes"
    return RedirectResponse(f"{AT}?ky={period.key}{'&tat_ca=1' if every else ''}&done={done}", 303)


def _may(parts: Parts, actor: Actor) -> None:
    require(actor, "cases.read", actor.unit_code, units=parts.tables.units)
    if level_of(actor) != "commune":
        raise Forbidden("this page belongs to a commune; yours is another")


def _period(parts: Parts, key: str) -> Period:
    periods = parts.tables.periods
    return periods.named(key) if key else periods.containing("month", local_day(parts.clock()))


def _page(
    request: Request,
    parts: Parts,
    actor: Actor,
    period: Period,
    *,
    every: bool,
    sent: dict[str, list[str]] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    lang, today = lang_of(request), local_day(parts.clock())
    found = late_cases(parts.store, actor.unit_code, period.first_on, period.last_on, unnamed=not every)
    names = parts.tables.late_causes.names(lang)
    has_causes = any(one.state.late_cause for one in found)
    ticked = frozenset((sent or {}).get("case", []))
    return layout_of(request).render(
        request,
        "commune/late_cases.html",
        status=status,
        period=period,
        choice=PeriodChoice.of(parts.tables.periods, today, lang, period),
        every=every,
        rows=[_row(request, parts, one, names, is_ticked=one.case_key in ticked) for one in found],
        is_cut=len(found) == MOST_LATE,
        most=MOST_LATE,
        causes=[
            *((one.cause, one.name(lang)) for one in parts.tables.late_causes.on(today)),
            *([(TAKEN_BACK, parts.labels.text("late.take_back", lang))] if has_causes else ()),
        ],
        cause=((sent or {}).get("cause") or [""])[0],
        may_name=may(actor, "cases.sync", actor.unit_code, units=parts.tables.units),
        at=f"{AT}?ky={period.key}" + ("&tat_ca=1" if every else ""),
        errors=Blank(errors or {}),
    )


def _row(request: Request, parts: Parts, one: LateCase, names: dict[str, str], *, is_ticked: bool) -> Row:
    lang, dues, state = lang_of(request), dues_of(parts, lang_of(request)), one.state
    text = parts.labels.text
    due = dues.short(state.due_on) if state.due_on is not None else ""
    closed = dues.short(state.closed_on) if state.closed_on is not None else ""
    was_taken_back = state.late_cause is None and state.reason_code == STEP_TAKEN_BACK
    unknown = text("late.taken_back" if was_taken_back else "form.cause_unknown", lang)
    cause = names.get(state.late_cause or "", state.late_cause) or unknown
    name = procedure_name(parts, lang, state.procedure_code, local_day(parts.clock())) or state.field_code
    return Row(
        id=one.case_key,
        is_ticked=is_ticked,
        name=name,
        more=tuple(filter(None, (one.dossier_code, text("late.due", lang, day=due), cause))),
        due=Due("late", text("late.closed", lang, day=closed)),
    )
