"""Sessions of browsers: the secret key in the cookie, its digest in the store, and who is signed in. Pure but for keys."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from services.access.actors import UNNAMED, Actor

SESSION_COOKIE = "liencap_session"
"""Name of the cookie over plain http, as on loopback."""
HOST_COOKIE = "__Host-liencap_session"
"""Name of the cookie over https: a browser takes it only with Secure, for the whole host, and from this host itself."""
SESSION_LIFETIME = dt.timedelta(hours=12)
_KEY_BYTES = 32
_LONGEST_KEY = 100
_SUBJECT_BYTES = 8

How = Literal["token", "demo"]
"""By which door a session began."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session; `id` names it in lists, and only its key opens anything.

    Attributes:
        token_id: the number of the token with which it began; it ends with that token.
        device: browser and system, as `Chrome, Android`.
    """

    id: UUID
    actor: Actor
    how: How
    token_id: str | None
    device: str
    began_at: dt.datetime
    expires_at: dt.datetime
    ended_at: dt.datetime | None = None

    def holds_at(self, now: dt.datetime) -> bool:
        """Return whether it was not ended and its time is not over."""
        return self.ended_at is None and now < self.expires_at


def new_key() -> str:
    """Return a new random key of 256 bit."""
    return secrets.token_urlsafe(_KEY_BYTES)


def digest_of(key: str) -> str | None:
    """Return the digest by which the store knows a key; None for a text that is no key."""
    if len(key) > _LONGEST_KEY or not key.isascii():
        return None
    return hashlib.sha256(key.encode("ascii")).hexdigest()


def cookie_name(*, is_secure: bool) -> str:
    """Return the name of the session's cookie over https, or over plain http."""
    return HOST_COOKIE if is_secure else SESSION_COOKIE


def with_subject(actor: Actor) -> Actor:
    """Return the actor with a pseudonym: one who has none gets a number for this session alone."""
    return replace(actor, subject=secrets.token_hex(_SUBJECT_BYTES)) if actor.subject == UNNAMED else actor
