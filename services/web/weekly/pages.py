"""The page of the weekly mail: ask for it for oneself, see where it goes, end it."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboards.weekly import WEEKLY
from events.errors import LienCapError
from services.access.actors import Actor
from services.access.policy import require
from services.access.tokens import unit_level
from services.language.labels import Lang
from services.web.shell.form_errors import form_errors_of
from services.web.shell.forms import Blank, Filled
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of
from services.web.shell.parts import Parts
from services.web.weekly.book import WeeklyBook

router = APIRouter(prefix="/thu-tuan", include_in_schema=False)


@router.get("")
def choices(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """Show the numbers of the mail, its addresses, and the form to ask for it."""
    return _page(request, parts, actor)


@router.post("")
def add(request: Request, parts: Here, actor: Who, typed: Filled) -> Response:
    """Let an address get the mail."""
    require(actor, "rollups.read", actor.unit_code, units=parts.tables.units)
    lang: Lang = "en" if typed.get("lang") == "en" else "vi"
    try:
        WeeklyBook(parts.store).add(actor, parts.clock(), typed.get("address", ""), lang)
    except LienCapError as error:
        errors = form_errors_of(error, parts.labels, lang_of(request))
        return _page(request, parts, actor, typed=typed, errors=errors, status=422)
    return RedirectResponse("/thu-tuan?done=weekly_added", 303)


@router.post("/{mail_id}/ket-thuc")
def end(mail_id: UUID, parts: Here, actor: Who) -> Response:
    """End the mail to an address."""
    WeeklyBook(parts.store).end(actor, parts.clock(), mail_id)
    return RedirectResponse("/thu-tuan?done=weekly_ended", 303)


def _page(
    request: Request,
    parts: Parts,
    actor: Actor,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    require(actor, "rollups.read", actor.unit_code, units=parts.tables.units)
    weekly, lang = WEEKLY[unit_level(actor.unit_code)], lang_of(request)
    return layout_of(request).render(
        request,
        "weekly/choices.html",
        status=status,
        address="/thu-tuan",
        mails=WeeklyBook(parts.store).of_desk(actor),
        columns=[column.title.of(lang) for column in weekly.columns],
        typed=Blank(typed or {}),
        errors=Blank(errors or {}),
    )
