"""Pages to sign in and out, as a persona in the demo or by token; and the signed-in actor for a device's outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from reporting.dated.bodies import unit_named
from services.access.actors import Actor
from services.errors import BadInput, Forbidden, Unauthenticated
from services.web.shell.forms import Filled, own_site
from services.web.shell.identity import Here, Who, actor_of
from services.web.shell.layout import body_name, home_of, lang_of, layout_of
from services.web.shell.parts import Parts
from services.web.sign_in.personas import PERSONAS, Persona, persona_of
from services.web.sign_in.schemas import HereView
from services.web.sign_in.sessions import (
    Proof,
    begin_session,
    counted_attempt,
    end_session,
    proof_of_persona,
    proof_of_token,
)

router = APIRouter(include_in_schema=False)


async def visitor_of(request: Request) -> Actor | None:
    """Return the actor of a request, or None; for the few pages without a required actor (a FastAPI dependency)."""
    try:
        return await actor_of(request)
    except Unauthenticated:
        return None


Visitor = Annotated[Actor | None, Depends(visitor_of)]


@router.get("/")
def sign_in_page(request: Request, _visitor: Visitor, next: str = "") -> HTMLResponse:  # noqa: A002 -- the name in the address
    """Show the ways to sign in."""
    return _page(request, next)


@router.post("/dang-nhap", dependencies=[Depends(own_site)])
def sign_in(request: Request, parts: Here, values: Filled) -> Response:
    """Begin a session as a persona of the demo, or as the actor of a token."""
    try:
        with counted_attempt(request):
            proof = _proof_of(parts, values)
    except (Unauthenticated, Forbidden, BadInput):
        return _page(request, values.get("next", ""), failed=True)
    response = RedirectResponse(_local(values.get("next", "")) or home_of(proof.actor), 303)
    begin_session(request, response, proof)
    return response


@router.post("/dang-xuat", dependencies=[Depends(own_site)])
def sign_out(request: Request) -> RedirectResponse:
    """End the session of this browser."""
    response = RedirectResponse("/", 303)
    end_session(request, response)
    return response


@router.get("/phien")
def session(actor: Who) -> JSONResponse:
    """Return the actor whose reports the outbox may send now."""
    here = HereView(subject=actor.subject, unit=actor.unit_code, role=actor.role)
    return JSONResponse(here.model_dump(), headers={"Cache-Control": "no-store"})


@router.get("/khung/ngoai-tuyen")
def offline_page(request: Request) -> HTMLResponse:
    """Show the page that a device caches for addresses it cannot reach; holds no personal data."""
    return layout_of(request).render(request, "web/offline.html", kept=True)


@router.get("/dung-so-lieu")
def filling(request: Request, _visitor: Visitor) -> HTMLResponse:
    """Show how far a demo is that fills itself, for the pages that ask again; nothing where nothing is left to fill."""
    return layout_of(request).render(request, "web/filling.html")


def _page(request: Request, next_page: str, *, failed: bool = False) -> HTMLResponse:
    parts: Parts = request.app.state.parts
    groups = _groups(request, parts) if parts.demo else []
    return layout_of(request).render(
        request,
        "web/sign_in.html",
        status=401 if failed else 200,
        address="/",
        groups=groups,
        next_page=_local(next_page),
        failed=failed,
    )


@dataclass(frozen=True, slots=True)
class _Card:
    """One persona of the demo: its key, the name of its role, and its unit."""

    key: str
    name: str
    words: dict[str, str]
    role: str
    place: str


@dataclass(frozen=True, slots=True)
class _Group:
    """The personas of one level."""

    level: str
    personas: list[_Card]


def _groups(request: Request, parts: Parts) -> list[_Group]:
    groups: dict[str, list[_Card]] = {}
    for persona in PERSONAS:
        groups.setdefault(persona.level, []).append(_card(request, parts, persona))
    return [_Group(level, cards) for level, cards in groups.items()]


def _card(request: Request, parts: Parts, persona: Persona) -> _Card:
    lang = lang_of(request)
    unit = parts.tables.units.get(persona.actor.unit_code)
    words = layout_of(request).labels.words_of_kind(unit.kind, lang)
    return _Card(
        key=persona.key,
        name=persona.actor.role,
        words=words,
        role=layout_of(request).labels.text(f"role.{persona.actor.role}", lang, **words),
        place=body_name(parts, persona.actor.body, lang) or unit_named(unit, lang),
    )


def _proof_of(parts: Parts, values: dict[str, str]) -> Proof:
    persona = persona_of(values.get("persona", ""))
    if persona is not None and parts.demo:
        return proof_of_persona(persona)
    return proof_of_token(parts, values.get("token", ""))


def _local(address: str) -> str:
    """Return an address if it leads into this site, else an empty text."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if inside else ""
