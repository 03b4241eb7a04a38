"""The actor of a request and the collaborators of a route (FastAPI dependencies)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote, urlsplit

from fastapi import Depends, Request

from events.errors import LienCapError
from services.access.actors import Actor
from services.access.policy import WATCHING
from services.access.territory import must_keep
from services.access.tokens import SESSION_COOKIE
from services.errors import Forbidden, Unauthenticated
from services.web.shell.parts import Parts

WRITTEN_BY = "written-by"
"""Header with which a device names who wrote what it sends."""


async def parts_of(request: Request) -> Parts:
    """Return the collaborators of the running app (a FastAPI dependency)."""
    return _parts_of(request)


async def actor_of(request: Request) -> Actor:
    """Return the actor of a request (a FastAPI dependency).

    It waits for nothing; were it a plain function, the framework would run it in a thread, which costs more than the
    check itself.

    Raises:
        Unauthenticated: no token and no session, or an invalid one; or a device sends what another person wrote on it.
        Forbidden: a changing request with a session cookie came from another site.
        KeptElsewhere: the request changes something, and the actor's unit is kept in another store.
    """
    parts = _parts_of(request)
    token = _bearer(request)
    cookie = request.cookies.get(SESSION_COOKIE) if token is None else None
    actor = parts.access.actor_of(token=token, cookie=cookie, now=parts.clock())
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        if token is None and not from_own_site(request):
            raise Forbidden("a session cookie counts only in a request that our own pages made")
        # On a shared computer another person may have signed in since a letter was written there.
        writer = request.headers.get(WRITTEN_BY)
        if writer is not None and unquote(writer) != actor.subject:
            raise Unauthenticated("another person wrote this on the device: it waits until they sign in")
        # Texts are kept in the store of the writer's own unit; watching roles write in every store.
        if actor.role not in WATCHING:
            must_keep(parts.territory, actor.unit_code)
    request.state.actor = actor
    return actor


def actor_behind(request: Request) -> Actor | None:
    """Return who sent a request that failed, or None where nobody signed in or the tables do not know them.

    It reads no store and raises nothing: an error page asks it.
    """
    parts = _parts_of(request)
    token = _bearer(request)
    cookie = request.cookies.get(SESSION_COOKIE) if token is None else None
    try:
        actor = parts.access.actor_of(token=token, cookie=cookie, now=parts.clock())
        parts.tables.units.get(actor.unit_code)
        if actor.body is not None:
            parts.tables.bodies.get(actor.body)
    except LienCapError:
        return None
    return actor


def from_own_site(request: Request) -> bool:
    """Return whether our own page sent this request: by Sec-Fetch-Site, or by Origin in a browser without it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host", "")


def _parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


Here = Annotated[Parts, Depends(parts_of)]
"""The collaborators, as a parameter of a route."""

Who = Annotated[Actor, Depends(actor_of)]
"""The actor, as a parameter of a route; a route without it answers anybody."""
