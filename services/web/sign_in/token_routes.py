"""JSON routes of API tokens for an administrator: list those of the units within, revoke one; the command line makes them."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter

from events.envelope import Role
from services.access.actors import label_of
from services.access.policy import require
from services.errors import NotFound
from services.store.tokens import ApiToken
from services.web.shell.error_schemas import READ
from services.web.shell.identity import Here, Who
from services.web.shell.schemas import Answer

router = APIRouter(prefix="/api/v1/tokens", tags=["session"])


class TokenView(Answer):
    """A token without what opens anything; without scopes it may do all that its role may."""

    id: str
    role: Role
    unit_code: str
    body: str | None
    subject: str
    purpose: str
    scopes: list[str]
    key_id: str
    made_at: dt.datetime | None
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    revoked_by: str | None
    last_used_at: dt.datetime | None


class TokenList(Answer):
    """Tokens of the units within that have not expired, the latest first."""

    items: list[TokenView]


@router.get("", responses=READ)
def list_tokens(parts: Here, actor: Who) -> TokenList:
    """Return the tokens of the actor's unit and of the units within."""
    units = parts.tables.units
    require(actor, "tokens.revoke", actor.unit_code, units=units)
    within = None if actor.unit_code == "vn" else units.codes_within(actor.unit_code)
    return TokenList(items=[_view(one) for one in parts.tokens.of_units(within)])


@router.post("/{token_id}/revoke", responses=READ)
def revoke_token(token_id: str, parts: Here, actor: Who) -> TokenView:
    """Revoke a token and end the sessions that began with it; done twice, it is the same."""
    units = parts.tables.units
    require(actor, "tokens.revoke", actor.unit_code, units=units)
    found = parts.tokens.one(token_id)
    if found is None or not (
        units.knows(found.actor.unit_code) and units.is_within(found.actor.unit_code, actor.unit_code)
    ):
        raise NotFound("there is no such token, or it is not one of your units", field="token")
    parts.tokens.revoke(token_id, label_of(actor))
    parts.sessions.forget()
    return _view(parts.tokens.one(token_id) or found)


def _view(one: ApiToken) -> TokenView:
    return TokenView(
        id=one.id,
        role=one.actor.role,
        unit_code=one.actor.unit_code,
        body=one.actor.body,
        subject=one.actor.subject,
        purpose=one.purpose,
        scopes=list(one.scopes),
        key_id=one.key_id,
        made_at=one.made_at,
        expires_at=one.expires_at,
        revoked_at=one.revoked_at,
        revoked_by=one.revoked_by,
        last_used_at=one.last_used_at,
    )
