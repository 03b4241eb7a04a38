"""Signed, expiring proof of an actor for scripts, which opens a session for a browser too. Pure but for ids."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict, cast, get_args

from itsdangerous import BadData, URLSafeSerializer

from events.envelope import Role
from reporting.dated.bodies import territory_of
from services.access.actors import UNNAMED, Actor
from services.access.keys import Keys
from services.access.sessions import SESSION_LIFETIME
from services.access.token_scopes import checked_scopes
from services.errors import BadInput, Unauthenticated

if TYPE_CHECKING:
    from services.dated_tables import DatedTables

MAX_LIFETIME = dt.timedelta(days=366)
_TOKENS_KEPT = 4_096
_PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_NOBODY = frozenset({UNNAMED, "system", "import"})

UnitLevel = Literal["nation", "province", "commune"]
Use = Literal["token", "share"]

# Level of unit of each role; a role that is absent here (auditor, administrator) works at any level.
_LEVEL_OF_ROLE: dict[str, UnitLevel] = {
    "commune_officer": "commune",
    "commune_chair": "commune",
    "commune_clerk": "commune",
    "province_reviewer": "province",
    "province_leader": "province",
    "department_officer": "province",
    "department_leader": "province",
    "ministry_viewer": "nation",
    "ministry_officer": "nation",
}
# Default body of a role; `{unit}` is its unit's code.
_BODY_OF_ROLE = {
    "commune_officer": "{unit}.ubnd",
    "commune_chair": "{unit}.ubnd",
    "commune_clerk": "{unit}.ubnd",
    "province_reviewer": "{unit}.vp_ubnd",
    "province_leader": "{unit}.ubnd",
}
ROLES: tuple[str, ...] = tuple(role for role in get_args(Role) if role != "system")


def unit_level(unit_code: str) -> UnitLevel:
    """Return the level of a unit by the shape of its code: `vn`, two digits or five.

    Raises:
        BadInput: the code has none of these shapes.
    """
    if unit_code == "vn":
        return "nation"
    if unit_code.isascii() and unit_code.isdigit() and len(unit_code) in {2, 5}:
        return "province" if len(unit_code) == 2 else "commune"  # noqa: PLR2004 -- the shape of the codes
    raise BadInput(f"{unit_code!r} is no unit code: vn, two digits or five", field="unit")


def checked_actor(actor: Actor) -> Actor:
    """Check that the role works at that level of unit, and return the actor with its default body where it has one.

    A department's or a ministry's role may leave its body out: it then acts for every body of its unit.

    Raises:
        BadInput: no such role, the wrong level of unit, or a body of another unit.
    """
    if actor.role not in ROLES:
        raise BadInput(f"there is no role {actor.role!r}; roles are {', '.join(ROLES)}", field="role")
    level = unit_level(actor.unit_code)
    needed = _LEVEL_OF_ROLE.get(actor.role)
    if needed is not None and level != needed:
        raise BadInput(f"{actor.role} works at a {needed}, and {actor.unit_code} is a {level}", field="unit")
    body = actor.body
    if body is None and actor.role in _BODY_OF_ROLE:
        body = _BODY_OF_ROLE[actor.role].format(unit=actor.unit_code)
    if body is not None and territory_of(body) != actor.unit_code:
        raise BadInput(f"the body {body} is not one of unit {actor.unit_code}", field="body")
    return Actor(role=actor.role, unit_code=actor.unit_code, body=body, subject=actor.subject)


def named_actor(role: str, unit_code: str, body: str | None, tables: DatedTables) -> Actor:
    """Return the actor of a role, a unit and a body, checked against the tables of units and bodies.

    Raises:
        BadInput: no such role, the wrong level of unit, or a body of another unit.
        UnknownUnit: no such unit.
        UnknownBody: no such body.
    """
    if role not in ROLES:
        raise BadInput(f"there is no role {role!r}; roles are {', '.join(ROLES)}", field="role")
    unit_level(unit_code)
    tables.units.get(unit_code)
    if body is not None:
        tables.bodies.get(body)
    return checked_actor(Actor(cast("Role", role), unit_code, body))


def of_person(actor: Actor, person: str) -> Actor:
    """Return the actor as one person, so that each of its tokens is the same person; large and small letters are one.

    Raises:
        BadInput: the code is no code of a person.
    """
    named = replace(actor, subject=person.casefold())
    if _PERSON.fullmatch(person) is None or named.subject in _NOBODY or not named.is_named:
        raise BadInput(
            f"{person!r} is no code of a person: 1 to 64 letters, digits and . _ @ -, such as a staff number;"
            " 16 hexadecimal digits are the number of a token",
            field="person",
        )
    return named


def create_token(
    secret: str, actor: Actor, lifetime: dt.timedelta, now: dt.datetime, *, scopes: Sequence[str] = ()
) -> str:
    """Sign a bearer token for an actor; without scopes it may do all that the role may.

    Raises:
        BadInput: actor or scopes are invalid, or the lifetime is not between a second and 366 days.
        SetupError: the secret can be guessed.
    """
    checked = checked_actor(actor)
    if not dt.timedelta(seconds=1) <= lifetime <= MAX_LIFETIME:
        raise BadInput("a token lives between a second and 366 days", field="days")
    content = {
        "role": checked.role,
        "unit": checked.unit_code,
        "body": checked.body,
        "sub": checked.subject,
        "jti": secrets.token_hex(8),
        "exp": int((now + lifetime).timestamp()),
        "scp": checked_scopes(scopes),
    }
    return str(serializer(Keys(secret), "token").dumps(content))


@dataclass(frozen=True, slots=True)
class SignedToken:
    """The content of a token that was signed here and has not expired.

    Attributes:
        token_id: its own number, whoever it stands for.
        scopes: what it is narrowed to; nothing stands for all that its role may do.
    """

    actor: Actor
    token_id: str
    expires_at: dt.datetime
    scopes: tuple[str, ...] = ()


def read_token(keys: Keys, token: str, now: dt.datetime) -> SignedToken:
    """Return the content of a bearer token.

    Raises:
        Unauthenticated: the token was not signed here, was changed, or has expired.
    """
    try:
        content = _verified(keys, "token", token)
    except BadData:
        raise Unauthenticated("this token was not signed here, or was changed") from None
    if now.timestamp() >= content["exp"]:
        raise Unauthenticated("this token has expired: make a new one")
    subject = content["sub"] if content["sub"] != UNNAMED else content["jti"]
    actor = Actor(role=content["role"], unit_code=content["unit"], body=content["body"], subject=subject)
    expires_at = dt.datetime.fromtimestamp(content["exp"], dt.UTC)
    return SignedToken(actor, content["jti"], expires_at, tuple(content.get("scp", ())))


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Signing keys, longest life of a session, and whether people come over TLS that ends before this process.

    Attributes:
        keys: returns the keys of now: they are rotated beside a running process.
    """

    keys: Callable[[], Keys]
    session_lifetime: dt.timedelta = SESSION_LIFETIME
    secure_cookies: bool = False

    def read(self, token: str, now: dt.datetime) -> SignedToken:
        """Return the content of a bearer token.

        Raises:
            Unauthenticated: the token was not signed here, was changed, or has expired.
        """
        return read_token(self.keys(), token, now)


def serializer(keys: Keys, use: Use) -> URLSafeSerializer:
    """Return what signs for one use; what was signed for another use does not hold."""
    return URLSafeSerializer(
        keys.oldest_first,
        salt=f"liencap-{use}-1",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


class _Content(TypedDict):
    role: Role
    unit: str
    body: str | None
    sub: str
    jti: str
    exp: int
    scp: NotRequired[list[str]]


# A script sends the same token with every request, and its signature holds or not whatever the time is.
@lru_cache(_TOKENS_KEPT)
def _verified(keys: Keys, use: Use, signed: str) -> _Content:
    content: _Content = serializer(keys, use).loads(signed)
    return content
