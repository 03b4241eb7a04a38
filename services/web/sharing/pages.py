"""Pages of share links: make one, list and end those of one's desk, open one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from events.errors import LienCapError
from services.access.actors import Actor
from services.access.policy import require
from services.errors import BadInput, Unauthenticated
from services.language.labels import Lang
from services.web.boards.wording import Wording
from services.web.sharing.links import DAYS, ShareBook, ShareLink
from services.web.sharing.shown import BASE, HEADERS, SharedView
from services.web.sharing.targets import Ending, Target, pinned, target_of
from services.web.shell.forms import Filled
from services.web.shell.identity import Here, Who, actor_behind
from services.web.shell.layout import body_name, lang_of, layout_of
from services.web.shell.parts import Parts

router = APIRouter(prefix=BASE, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link as the list shows it."""

    link: ShareLink
    name: str
    scope: str
    by: str
    role: str
    address: str
    is_over: bool
    may_end: bool
    may_lock: bool
    is_locked: bool


@router.get("")
def links(request: Request, parts: Here, actor: Who) -> HTMLResponse:
    """List the links of one's desk; to who watches also those of its units."""
    require(actor, "rollups.read", actor.unit_code, units=parts.tables.units)
    book = ShareBook(parts)
    found, now = book.listed(actor), parts.clock()
    locked = book.locked(found)
    made = request.query_params.get("of", "")
    rows = [_row(request, parts, book, actor, one, locked) for one in found]
    return layout_of(request).render(
        request,
        "sharing/links.html",
        rows=[row for row in rows if not row.is_over],
        over=[row for row in rows if row.is_over],
        made=next((row for row in rows if str(row.link.id) == made), None),
        now=now,
    )


@router.get("/moi")
def ask(
    request: Request, parts: Here, actor: Who, to: Annotated[str, Query(max_length=1_000)] = ""
) -> HTMLResponse:
    """Show what would be shared, with whose right, and for how long it may open."""
    target = pinned(target_of(to), parts, actor)
    lang = lang_of(request)
    return layout_of(request).render(
        request,
        "sharing/new.html",
        target=target,
        target_name=target.name(parts, lang),
        scope=_scope(parts, actor, target, lang),
        days=DAYS,
    )


@router.post("")
def share(parts: Here, actor: Who, typed: Filled) -> Response:
    """Make a link, and show it in the list."""
    days = typed.get("days", "")
    if not (days.isascii() and days.isdigit()):
        raise BadInput("choose for how many days the link opens", field="days")
    link = ShareBook(parts).share(actor, typed.get("to", ""), int(days))
    return RedirectResponse(f"{BASE}?of={link.id}", 303)


@router.post("/{link_id}/ket-thuc")
def end(link_id: UUID, parts: Here, actor: Who) -> Response:
    """End a link."""
    ShareBook(parts).end(actor, link_id)
    return RedirectResponse(f"{BASE}?done=share_ended", 303)


@router.post("/{link_id}/khoa")
def lock(link_id: UUID, parts: Here, actor: Who, typed: Filled) -> Response:
    """End sharing for whoever made a link, or let them share again."""
    ShareBook(parts).lock(actor, link_id, locked=typed.get("locked") == "yes")
    return RedirectResponse(
        f"{BASE}?done=share_{'locked' if typed.get('locked') == 'yes' else 'unlocked'}", 303
    )


@router.get("/{token}")
def open_link(request: Request, token: str, parts: Here) -> Response:
    """Open a link: a board or an export for anybody who has it, a list for who is signed in, with their own right."""
    found = _view(request, token, parts)
    if found.target.is_open:
        return found.show()
    if actor_behind(request) is None:
        raise Unauthenticated("a list opens for who is signed in, with their own right")
    return RedirectResponse(found.target.address, 303, headers=HEADERS)


@router.get("/{token}/so/{name}.{ending}")
def open_export(request: Request, token: str, name: str, ending: Ending, parts: Here) -> Response:
    """Return a panel of a shared board as a file."""
    return _view(request, token, parts).export(name, ending)


def _view(request: Request, token: str, parts: Parts) -> SharedView:
    more = sorted(set(request.query_params) - {"lang", "theme"})
    if more:
        raise BadInput("a link has no choices but its own", field=more[0])
    link = ShareBook(parts).open(token)
    return SharedView(request, parts, link, link.target, token)


def _scope(parts: Parts, actor: Actor, target: Target, lang: Lang) -> str:
    """Return of which unit a link shows figures; a list is of whoever opens it."""
    if not target.is_open:
        return parts.labels.text("share.of_reader", lang)
    return Wording(parts, lang).name("unit", target.asked(parts, actor).unit_code)


def _row(
    request: Request,
    parts: Parts,
    book: ShareBook,
    actor: Actor,
    link: ShareLink,
    locked: frozenset[str],
) -> LinkRow:
    lang, target = lang_of(request), link.target
    words = layout_of(request).words_of_unit(parts, link.unit_code, lang)
    try:
        scope = _scope(parts, link.actor, target, lang)
    except LienCapError:
        # What it was made for is gone: the list still names it, and the link opens nothing.
        scope = "–"
    return LinkRow(
        link=link,
        name=target.name(parts, lang),
        scope=scope,
        by=body_name(parts, link.body, lang) or Wording(parts, lang).name("unit", link.unit_code),
        role=parts.labels.text(f"role.{link.role}", lang, **words),
        address=f"{str(request.base_url).rstrip('/')}{BASE}/{book.token(link)}",
        is_over=link.is_over(parts.clock()),
        may_end=book.may_end(actor, link),
        may_lock=book.may_lock(actor, link),
        is_locked=link.subject in locked,
    )
