"""Begin and end a browser's session: its row in the store, its key in a cookie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from services.access.actors import Actor
from services.access.policy import MAY
from services.access.sessions import HOST_COOKIE, SESSION_COOKIE, How, cookie_name
from services.access.standing import check_known
from services.access.tokens import SignedToken, named_actor
from services.errors import BadInput, Forbidden, Unauthenticated
from services.language.labels import Lang
from services.web.shell.identity import from_own_site, is_secure, session_key
from services.web.shell.parts import Parts
from services.web.sign_in.attempts import Attempts
from services.web.sign_in.devices import device_of
from services.web.sign_in.personas import Persona
from services.web.sign_in.schemas import SessionView, SignInInput


@dataclass(frozen=True, slots=True)
class Proof:
    """Who signs in, and by what; `token` is None for a persona of a demo."""

    actor: Actor
    how: How
    token: SignedToken | None = None


def proof_of(parts: Parts, sent: SignInInput) -> Proof:
    """Return who signs in by the JSON API: the token's actor or, only in a demo, the chosen persona.

    Raises:
        Unauthenticated: the token is invalid, or its role, unit or body are not known here.
        Forbidden: a persona outside a demo.
        BadInput: neither a token nor a complete persona.
    """
    if sent.token is not None:
        return proof_of_token(parts, sent.token)
    if not parts.demo:
        raise Forbidden("sign in with a token: personas are for the demo")
    if sent.role is None or sent.unit is None:
        raise BadInput("send a token, or a role and a unit", field="token")
    return Proof(named_actor(sent.role, sent.unit, sent.body, parts.tables), "demo")


def proof_of_token(parts: Parts, token: str) -> Proof:
    """Return who signs in by a token.

    Raises:
        Unauthenticated: the token is invalid or revoked, or its role, unit or body are not known here.
        Forbidden: the token is narrowed, and a person is not.
    """
    found = parts.access.read(token, parts.clock())
    parts.tokens.check_now(found.token_id)
    if found.scopes:
        raise Forbidden("this token is for a script: sign in with one that has no scopes")
    parts.tokens.mark_used(found.token_id)
    check_known(found.actor, parts.tables.units, parts.tables.bodies)
    return Proof(found.actor, "token", found)


@contextmanager
def counted_attempt(request: Request) -> Iterator[None]:
    """Let an address try to sign in, and count the failure where the block raises that nobody is known.

    Raises:
        TooManyAttempts: the address failed too often.
    """
    attempts: Attempts = request.app.state.attempts
    address = request.client.host if request.client is not None else ""
    attempts.check(address)
    try:
        yield
    except Unauthenticated:
        attempts.failed(address)
        raise


def proof_of_persona(persona: Persona) -> Proof:
    """Return who signs in as a persona of the demo."""
    return Proof(persona.actor, "demo")


def begin_session(request: Request, response: Response, proof: Proof) -> None:
    """Begin a session and set its cookie; the session that this browser had before ends.

    Raises:
        Forbidden: another site sent this request.
    """
    if any(name in request.headers for name in ("sec-fetch-site", "origin")) and not from_own_site(request):
        raise Forbidden("sign in on our own page")
    parts: Parts = request.app.state.parts
    now, secure = parts.clock(), is_secure(request)
    expires_at = now + parts.access.session_lifetime
    if proof.token is not None:
        expires_at = min(expires_at, proof.token.expires_at)
    if (before := session_key(request)) is not None:
        parts.sessions.end(before)
    key = parts.sessions.begin(
        proof.actor,
        how=proof.how,
        device=device_of(request.headers.get("user-agent", "")),
        expires_at=expires_at,
        token_id=None if proof.token is None else proof.token.token_id,
    )
    response.set_cookie(
        cookie_name(is_secure=secure),
        key,
        max_age=max(1, int((expires_at - now).total_seconds())),
        httponly=True,
        secure=secure,
        samesite="lax",
    )


def end_session(request: Request, response: Response) -> None:
    """End the session of this browser and delete its cookie.

    Raises:
        Forbidden: another site sent this request.
    """
    key = session_key(request)
    if key is not None:
        if not from_own_site(request):
            raise Forbidden("sign out on our own page")
        parts: Parts = request.app.state.parts
        parts.sessions.end(key)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    response.delete_cookie(HOST_COOKIE, secure=True, httponly=True, samesite="lax")


def session_view(parts: Parts, actor: Actor, lang: Lang = "vi") -> SessionView:
    """Return the signed-in actor, its unit, and the actions of its role."""
    unit = parts.tables.units.get(actor.unit_code)
    body = parts.tables.bodies.get(actor.body) if actor.body is not None else None
    words = parts.labels.words_of_kind(unit.kind, lang)
    return SessionView(
        role=actor.role,
        role_label=parts.labels.text(f"role.{actor.role}", lang, **words),
        unit_code=unit.code,
        unit_name=unit.full_name,
        body=actor.body,
        body_name=None if body is None else (body.name_en if lang == "en" else body.name_vi),
        may=sorted(action for action, roles in MAY.items() if actor.role in roles),
        demo=parts.demo,
    )
