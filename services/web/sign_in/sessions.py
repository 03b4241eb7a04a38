"""Begin and end a browser's session: the cookie and its actor."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from services.access.actors import Actor
from services.access.policy import MAY
from services.access.tokens import SESSION_COOKIE, create_session, named_actor, read_token
from services.errors import BadInput, Forbidden
from services.language.labels import Lang
from services.web.shell.identity import from_own_site
from services.web.shell.parts import Parts
from services.web.sign_in.schemas import SessionView, SignInInput


def actor_who_signs_in(parts: Parts, sent: SignInInput) -> Actor:
    """Return the actor of a sign-in: the token's or, only in a demo, the chosen persona.

    Raises:
        Unauthenticated: the token is invalid.
        Forbidden: a persona outside a demo.
        BadInput: neither a token nor a complete persona.
    """
    if sent.token is not None:
        return read_token(parts.access.secret, sent.token, parts.clock())
    if not parts.demo:
        raise Forbidden("sign in with a token: personas are for the demo")
    if sent.role is None or sent.unit is None:
        raise BadInput("send a token, or a role and a unit", field="token")
    return named_actor(sent.role, sent.unit, sent.body, parts.tables)


def begin_session(request: Request, response: Response, actor: Actor) -> None:
    """Set the cookie of a session.

    Raises:
        Forbidden: another site sent this request.
    """
    if "sec-fetch-site" in request.headers and not from_own_site(request):
        raise Forbidden("sign in on our own page")
    parts: Parts = request.app.state.parts
    access = parts.access
    response.set_cookie(
        SESSION_COOKIE,
        create_session(access.secret, actor, access.session_lifetime, parts.clock()),
        max_age=int(access.session_lifetime.total_seconds()),
        httponly=True,
        secure=access.secure_cookies or request.url.scheme == "https",
        samesite="lax",
    )


def end_session(response: Response) -> None:
    """Delete the session's cookie."""
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


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
