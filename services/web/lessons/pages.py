"""The page of lessons of digital literacy: what was held, and the form of the commune that held it."""

from __future__ import annotations

from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.policy import may, require
from services.acting.lesson_acts import LessonInput, RecordedLesson
from services.errors import BadInput, Conflict, KeyReused
from services.input_errors import naming_the_field
from services.web.lessons.schemas import LessonStrike
from services.web.lessons.views import book_of, lesson_to_strike, lessons_of
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.parts import Parts

router = APIRouter(include_in_schema=False)

PATH = "/hoc-vu-so"
MOST_SHOWN = 200
_ASKED = ("held_on", "village", "people_count")


@router.get(PATH)
def lessons(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """List the lessons that the actor may see, with the form where it is the actor's to record."""
    return _page(request, parts, actor)


@router.get("/khung/hoc-vu-so")
def shell(request: Request) -> HTMLResponse:
    """Show the form that a device caches for use without a network; holds no lesson and no person."""
    return layout_of(request).render(
        request, "web/lessons_offline.html", kept=True, typed=Blank(), errors=Blank()
    )


@router.post(PATH)
def record(request: Request, parts: Here, actor: Who, typed: Filled) -> Response:
    """Record a lesson from the form; its hidden id makes a second press harmless.

    Sent back to and changed, it was recorded before: what was typed is offered under a fresh id.
    """
    require(actor, "lessons.record", actor.unit_code, units=parts.tables.units)
    try:
        done = book_of(parts).record(actor, _input(typed))
    except KeyReused:
        # What was typed goes under a fresh id, so that sending it again records it.
        anew = {name: value for name, value in typed.items() if name != "id"}
        errors = {"sent_before": parts.labels.text("lessons.sent_before", lang_of(request))}
        return _page(request, parts, actor, typed=anew, errors=errors, status=409)
    except LienCapError as error:
        errors = form_errors_of(error, parts.labels, lang_of(request))
        return _page(request, parts, actor, typed=typed, errors=errors, status=422)
    return _seen(parts, done)


@router.post(PATH + "/{lesson_id}/bo")
def strike(request: Request, lesson_id: UUID, parts: Here, actor: Who, typed: Filled) -> Response:
    """Strike an entry from the list, unless it was recorded anew since the list was shown."""
    require(actor, "lessons.record", actor.unit_code, units=parts.tables.units)
    lesson = lesson_to_strike(parts, actor, lesson_id)
    with naming_the_field():
        sent = LessonStrike.model_validate(typed)
    try:
        done = book_of(parts).strike(actor, lesson, sent.event_id, sent.reason_code)
    except Conflict:
        errors = {"list": parts.labels.text("lessons.changed_meanwhile", lang_of(request))}
        return _page(request, parts, actor, errors=errors, status=409)
    return _seen(parts, done)


def _seen(parts: Parts, done: RecordedLesson) -> Response:
    if done.created:
        parts.arrivals.wait_for(done.event_id, parts.wait_seconds, subject=done.lesson_id, family="lesson")
    return RedirectResponse(f"{PATH}?done=recorded", 303)


def _input(typed: dict[str, str]) -> LessonInput:
    for field in _ASKED:
        if field not in typed:
            raise BadInput("a field is empty", field=field, error_key="missing")
    with naming_the_field():
        return LessonInput.model_validate({"id": uuid4(), **typed})


def _page(
    request: Request,
    parts: Parts,
    actor: Actor,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    found = lessons_of(parts, actor, lang_of(request))
    return layout_of(request).render(
        request,
        "web/lessons.html",
        status=status,
        lessons=found[:MOST_SHOWN],
        all_count=len(found),
        people_count=sum(one.people_count for one in found),
        may_record=may(actor, "lessons.record", actor.unit_code, units=parts.tables.units),
        of_many=len({one.unit_code for one in found}) > 1,
        new_id=str(uuid4()),
        done=request.query_params.get("done", ""),
        today=local_day(parts.clock()).isoformat(),
        typed=Blank(typed or {}),
        errors=Blank(errors or {}),
    )
