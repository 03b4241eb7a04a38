"""The form of a commune's counter that notes something beside a known case: who helped, which data do not agree."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import select
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.cases import CaseState
from events.errors import LienCapError
from events.fields import CaseKey
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.policy import require
from services.commune.case_file import procedure_name
from services.errors import BadInput, NotFound
from services.intake.national_rows import LATER_COLUMNS, TAKEN_BACK
from services.store.store import CASES
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.parts import Parts

router = APIRouter(include_in_schema=False)

PATH = "/xa/ho-so/{case_key}/ghi-them"
_TAKEN = ("HoTroNopHoSo", "NhomTuoi", "SaiLechDuLieu", "CoQuanDuLieu", "NgaySaiLech", "NhapLaiDuLieu")


@router.get(PATH)
def note(request: Request, case_key: CaseKey, parts: Here, actor: Who) -> HTMLResponse:
    """Show what is noted beside a case, with the form."""
    return _page(request, parts, actor, case_key)


@router.post(PATH)
def take(request: Request, case_key: CaseKey, parts: Here, actor: Who, typed: Filled) -> Response:
    """Take the form in as a row without a status, and lead back to the case."""
    code, state = _known(parts, actor, case_key)
    if _is_stale(typed, _noted(state)):
        sentence = {"form": parts.labels.text("case_note.changed_meanwhile", lang_of(request))}
        return _page(request, parts, actor, case_key, typed=typed, errors=sentence, status=409)
    row = {"MaHoSo": code, **{name: typed[name] for name in _TAKEN if name in typed}}
    try:
        if not LATER_COLUMNS.keys() & row.keys():
            raise BadInput("nothing is filled in", field="HoTroNopHoSo", error_key="missing")
        [result] = parts.intake.note_cases(actor.unit_code, [row], actor=actor, now=parts.clock())
        if result.outcome == "rejected":
            raise BadInput(result.reason or "refused", field=result.field)
    except LienCapError as error:
        errors = form_errors_of(error, parts.labels, lang_of(request))
        return _page(request, parts, actor, case_key, typed=typed, errors=errors, status=422)
    return RedirectResponse(f"/xa/ho-so/{case_key}/ghi-them?done=recorded", 303)


def _known(parts: Parts, actor: Actor, case_key: str) -> tuple[str, CaseState]:
    """Return code and state of a case that counts for the actor's commune.

    Raises:
        NotFound: the commune has no such case.
    """
    require(actor, "cases.sync", actor.unit_code, units=parts.tables.units)
    asked = select(CASES.c.dossier_code, CASES.c.state).where(
        CASES.c.case_key == case_key, CASES.c.unit_code == actor.unit_code
    )
    with parts.store.read() as conn:
        found = conn.execute(asked).one_or_none()
    if found is None or found.dossier_code is None:
        raise NotFound("this commune has no such case", field="case_key")
    return found.dossier_code, CaseState.model_validate_json(found.state)


def _page(
    request: Request,
    parts: Parts,
    actor: Actor,
    case_key: str,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    code, state = _known(parts, actor, case_key)
    lang, day = lang_of(request), local_day(parts.clock())
    bodies = parts.tables.bodies
    near = (
        *bodies.of_unit(actor.unit_code),
        *bodies.of_unit(parts.tables.units.province_of(actor.unit_code)),
    )
    owners = [(one.id, one.name_en if lang == "en" and one.name_en else one.name_vi) for one in near]
    return layout_of(request).render(
        request,
        "commune/case_note.html",
        status=status,
        code=code,
        case_key=case_key,
        procedure=procedure_name(parts, lang, state.procedure_code, day) or state.field_code,
        noted=_noted(state),
        seen=_seen(_noted(state)),
        owners=owners,
        taken_back=TAKEN_BACK,
        done=request.query_params.get("done", ""),
        today=day.isoformat(),
        typed=Blank(typed or {}),
        errors=Blank(errors or {}),
    )


def _seen(noted: dict[str, str]) -> str:
    return "-".join(noted.values())


def _is_stale(typed: dict[str, str], noted: dict[str, str]) -> bool:
    """Return whether the form would overwrite a note made since it was shown.

    A field that stands as the form has it is the same form, sent again: no conflict.
    """
    if typed.get("seen", _seen(noted)) == _seen(noted):
        return False
    columns = {"assisted": "HoTroNopHoSo", "mismatch": "SaiLechDuLieu", "twice": "NhapLaiDuLieu"}
    return any(typed.get(column, noted[name]) != noted[name] for name, column in columns.items())


def _noted(state: CaseState) -> dict[str, str]:
    """Return what is noted, by the column that noted it, as that column has it."""
    helped = {"nobody": "0", "counter": "1", "other_unit": "2", "home": "3"}
    data = {"vneid": "1", "population": "2", "civil_status": "3", "land": "4", "other": "5"}
    waits = state.mismatch is not None and state.mismatch_to_on is None
    return {
        "assisted": helped[state.assisted] if state.assisted else "",
        "mismatch": data[state.mismatch] if state.mismatch and waits else "",
        "over": data[state.mismatch] if state.mismatch and not waits else "",
        "twice": data[state.entered_twice] if state.entered_twice else "",
    }
