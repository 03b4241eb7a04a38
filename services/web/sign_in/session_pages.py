"""Page of the sessions that hold: one's own, and to an administrator those of the units within; each can be ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from reporting.dated.bodies import unit_named
from services.access.actors import Actor, label_of
from services.access.policy import may
from services.access.sessions import Session
from services.errors import NotFound
from services.store.session_tables import SESSIONS
from services.store.sessions import MOST_LISTED, of_person
from services.web.shell.identity import Here, Person, SignedIn
from services.web.shell.layout import body_name, lang_of, layout_of
from services.web.shell.parts import Parts

BASE = "/phien"
router = APIRouter(prefix=BASE, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as the page shows it; `is_this` is the one that asks."""

    id: UUID
    role: str
    place: str
    how: str
    device: str
    began_at: dt.datetime
    expires_at: dt.datetime
    is_this: bool


@router.get("/danh-sach")
def sessions(request: Request, parts: Here, person: Person) -> HTMLResponse:
    """List the sessions of a person, and to an administrator also those of the units within."""
    own = parts.sessions.own(person.actor)
    known = {one.id for one in own}
    others = [one for one in _others(parts, person.actor) if one.id not in known]
    return layout_of(request).render(
        request,
        "web/sessions.html",
        own=[_row(request, parts, one, person) for one in own],
        others=[_row(request, parts, one, person) for one in others],
        administers=_administers(parts, person.actor, person.actor.unit_code),
        most=MOST_LISTED,
        is_by_token=person.session is None,
    )


@router.post("/{session_id}/ket-thuc")
def end(session_id: UUID, parts: Here, person: Person) -> Response:
    """End one session: one's own, or one that an administrator may end."""
    found = parts.sessions.one(session_id)
    if found is None or not _may_end(parts, person.actor, found):
        raise NotFound("there is no such session, or it is another person's", field="session")
    parts.sessions.end_those(SESSIONS.c.id == session_id, label_of(person.actor))
    if person.session is not None and person.session.id == session_id:
        return RedirectResponse("/", 303)
    return RedirectResponse(f"{BASE}/danh-sach?done=session_ended", 303)


@router.post("/ket-thuc-khac")
def end_others(parts: Here, person: Person) -> Response:
    """End every session of a person but the one that asks."""
    which = of_person(person.actor)
    if person.session is not None:
        which &= SESSIONS.c.id != person.session.id
    parts.sessions.end_those(which, label_of(person.actor))
    return RedirectResponse(f"{BASE}/danh-sach?done=sessions_ended", 303)


def _others(parts: Parts, actor: Actor) -> Sequence[Session]:
    units = parts.tables.units
    if not _administers(parts, actor, actor.unit_code):
        return ()
    if actor.unit_code == "vn":
        return parts.sessions.of_units(None)
    return parts.sessions.of_units(units.codes_within(actor.unit_code))


def _administers(parts: Parts, actor: Actor, unit_code: str) -> bool:
    units = parts.tables.units
    return units.knows(unit_code) and may(actor, "sessions.end", unit_code, units=units)


def _may_end(parts: Parts, actor: Actor, session: Session) -> bool:
    is_own = (session.actor.subject, session.actor.unit_code) == (actor.subject, actor.unit_code)
    return is_own or _administers(parts, actor, session.actor.unit_code)


def _row(request: Request, parts: Parts, one: Session, person: SignedIn) -> SessionRow:
    lang, units = lang_of(request), parts.tables.units
    actor, place, words = one.actor, one.actor.unit_code, {}
    # A table may have lost a unit or a body since: the session is over then, and is still named.
    if units.knows(actor.unit_code):
        place = unit_named(units.get(actor.unit_code), lang)
        words = layout_of(request).words_of_unit(parts, actor.unit_code, lang)
        if actor.body is not None and parts.tables.bodies.knows(actor.body):
            place = body_name(parts, actor.body, lang) or place
    key = f"role.{actor.role}"
    return SessionRow(
        id=one.id,
        role=parts.labels.text(key, lang, **words) if parts.labels.has(key) else actor.role,
        place=place,
        how=one.how,
        device=one.device,
        began_at=one.began_at,
        expires_at=one.expires_at,
        is_this=person.session is not None and person.session.id == one.id,
    )
