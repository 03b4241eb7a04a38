"""The actor of a request and the collaborators of a route (FastAPI dependencies)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote, urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from events.errors import LienCapError
from reporting.dated.calendar import local_day
from services.access.actors import Actor
from services.access.policy import WATCHING
from services.access.sessions import Session, cookie_name
from services.access.standing import Ending, check_known, check_writes, ending_of
from services.access.territory import must_keep
from services.access.token_scopes import check_scope
from services.errors import Forbidden, Unauthenticated
from services.web.shell.parts import Parts

WRITTEN_BY = "written-by"
"""Header with which a device names who wrote what it sends: `subject;unit` or `subject;unit;role`, percent-encoded."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_NOBODY = "sign in, or send 'Authorization: Bearer TOKEN' (liencap token create makes one)"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who sent a request; `session` is None for a script with a token, `ending` None while the unit stands."""

    actor: Actor
    session: Session | None
    ending: Ending | None


async def parts_of(request: Request) -> Parts:
    """Return the collaborators of the running app (a FastAPI dependency)."""
    return _parts_of(request)


async def signed_in(request: Request) -> SignedIn:
    """Return who sent a request, also where their unit has ended (a FastAPI dependency).

    A token, and a session that was looked up within the last seconds, wait for nothing; were this a plain function,
    the framework would run it in a thread, which costs more than the check itself.

    Raises:
        Unauthenticated: no token and no session, one that does not hold, or a role, unit or body unknown here.
        Forbidden: a changing request with a session cookie came from another site, or is outside a token's scopes.
        NotReady: the store cannot be reached.
    """
    parts = _parts_of(request)
    session: Session | None = None
    token = _bearer(request)
    if token is not None:
        signed = parts.access.read(token, parts.clock())
        if not parts.tokens.is_fresh:
            await run_in_threadpool(parts.tokens.refresh)
        parts.tokens.check(signed.token_id)
        check_scope(signed.scopes, request.method, request.url.path)
        parts.tokens.mark_used(signed.token_id)
        actor = signed.actor
    elif (key := session_key(request)) is not None:
        session = parts.sessions.remembered(key)
        if session is None:
            session = await run_in_threadpool(parts.sessions.held, key)
        actor = session.actor
    else:
        raise Unauthenticated(_NOBODY)
    who = _standing(parts, actor, session)
    if request.method not in _READING and token is None and not from_own_site(request):
        raise Forbidden("a session cookie counts only in a request that our own pages made")
    request.state.actor, request.state.ending = who.actor, who.ending
    return who


async def actor_of(request: Request) -> Actor:
    """Return the actor of a request, who may write where it changes something (a FastAPI dependency).

    Raises:
        Unauthenticated, Forbidden, NotReady: as for `signed_in`; or a device sends what another person wrote on it.
        UnitEnded: the request changes something, and the actor's unit has ended.
        KeptElsewhere: the request changes something, and the actor's unit is kept in another store.
    """
    found = await signed_in(request)
    if request.method not in _READING:
        parts = _parts_of(request)
        check_writes(found.ending, parts.tables.units)
        # On a shared computer another person may have signed in since a letter was written there.
        writer = request.headers.get(WRITTEN_BY)
        if writer is not None and not _is_writer(writer, found.actor):
            raise Unauthenticated("another person wrote this on the device: it waits until they sign in")
        # Texts are kept in the store of the writer's own unit; watching roles write in every store.
        if found.actor.role not in WATCHING:
            must_keep(parts.territory, found.actor.unit_code)
    return found.actor


def actor_behind(request: Request, *, asks_store: bool = True) -> Actor | None:
    """Return who sent a request that failed, or None where nobody signed in or the tables do not know them.

    It raises nothing: an error page asks it.

    Args:
        asks_store: False where the store may be what failed: only a session looked up just now is known then.
    """
    parts = _parts_of(request)
    token, key = _bearer(request), session_key(request)
    try:
        if token is not None:
            signed = parts.access.read(token, parts.clock())
            parts.tokens.check(signed.token_id)
            return _standing(parts, signed.actor, None).actor
        if key is None:
            return None
        session = parts.sessions.remembered(key)
        if session is None and asks_store:
            session = parts.sessions.held(key)
        return None if session is None else _standing(parts, session.actor, session).actor
    except LienCapError:
        return None


def session_key(request: Request) -> str | None:
    """Return the key of the session in the cookie; over https only the cookie that a browser keeps for this host."""
    return request.cookies.get(cookie_name(is_secure=is_secure(request)))


def is_secure(request: Request) -> bool:
    """Return whether the browser came over https, to this process or to the proxy before it."""
    return _parts_of(request).access.secure_cookies or request.url.scheme == "https"


def from_own_site(request: Request) -> bool:
    """Return whether our own page sent this request: by Sec-Fetch-Site, or by Origin in a browser without it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host", "")


def _standing(parts: Parts, actor: Actor, session: Session | None) -> SignedIn:
    check_known(actor, parts.tables.units, parts.tables.bodies)
    return SignedIn(actor, session, ending_of(actor.unit_code, parts.tables.units, local_day(parts.clock())))


def _is_writer(writer: str, actor: Actor) -> bool:
    """Return whether a letter is this actor's: one code such as nv01 names a person in every commune."""
    named = [unquote(part) for part in writer.split(";")]
    whole = [actor.subject, actor.unit_code, actor.role]
    # The letters of the first releases hold no role; a header without a unit names nobody.
    return named in (whole, whole[:2])


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

Person = Annotated[SignedIn, Depends(signed_in)]
"""Who is signed in, for what people do with their own sign-in, also where their unit has ended."""
