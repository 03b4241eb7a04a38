"""API tokens in the store: listed, revoked, last used; a process knows for some seconds which ones are revoked."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Insert, Row, insert, select, update

from events.envelope import Role
from services.access.actors import Actor
from services.access.keys import key_id
from services.access.tokens import SignedToken
from services.errors import NotReady, Unauthenticated
from services.store.session_tables import SESSIONS
from services.store.store import Store
from services.store.token_tables import TOKENS

FRESH_SECONDS = 5.0
"""So long a process relies on what it read: a token that another process revoked opens nothing after that."""
_MOST_USES = 10_000
_REVOKED = "this token was revoked: ask for a new one"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as lists show it; `made_at` is None of one of an earlier release that somebody revoked."""

    id: str
    actor: Actor
    purpose: str
    scopes: tuple[str, ...]
    key_id: str
    made_at: dt.datetime | None
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    revoked_by: str | None
    last_used_at: dt.datetime | None


class ApiTokens:
    """Notes, lists, revokes and checks tokens. Safe to use from several threads and processes."""

    def __init__(self, store: Store, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._clock = clock
        self._revoked: frozenset[str] | None = None
        self._read_at = float("-inf")
        self._changes = 0
        self._lock = threading.Lock()
        self._uses: dict[str, dt.datetime] = {}

    @property
    def is_fresh(self) -> bool:
        """Return whether `check` may rely on what was read."""
        return time.monotonic() - self._read_at <= FRESH_SECONDS

    def refresh(self) -> None:
        """Read which tokens are revoked; where the store is away, what was read before stays.

        Raises:
            NotReady: the store cannot be reached, and nothing was read before.
        """
        # While one thread reads, the others go on with what was read before.
        if not self._lock.acquire(blocking=self._revoked is None):
            return
        try:
            if self.is_fresh:
                return
            asked = select(TOKENS.c.id).where(
                TOKENS.c.revoked_at.is_not(None), TOKENS.c.expires_at > self._clock()
            )
            began, changes = time.monotonic(), self._changes
            with self._store.read() as conn:
                self._revoked = frozenset(conn.scalars(asked))
            # What was revoked while this was read may not stand in it.
            if changes == self._changes:
                self._read_at = began
        except NotReady:
            if self._revoked is None:
                raise
            self._read_at = time.monotonic()
        finally:
            self._lock.release()

    def check(self, token_id: str) -> None:
        """Check a token against what was read.

        Raises:
            Unauthenticated: it was revoked.
        """
        if self._revoked is not None and token_id in self._revoked:
            raise Unauthenticated(_REVOKED)

    def check_now(self, token_id: str) -> None:
        """Check a token against the store itself, for what lives on after the request.

        Raises:
            Unauthenticated: it was revoked.
        """
        found = self.one(token_id)
        if found is not None and found.revoked_at is not None:
            raise Unauthenticated(_REVOKED)

    def mark_used(self, token_id: str) -> None:
        """Remember that a token was used now, until `note_uses` writes it."""
        if token_id in self._uses or len(self._uses) < _MOST_USES:
            self._uses[token_id] = self._clock()

    def note_uses(self) -> None:
        """Write when tokens were last used; what a killed process had not written is lost."""
        uses, self._uses = self._uses, {}
        if not uses:
            return
        with self._store.begin() as conn:
            for token_id, at in uses.items():
                conn.execute(update(TOKENS).where(TOKENS.c.id == token_id).values(last_used_at=at))

    def add(self, signed: SignedToken, *, purpose: str, key: str) -> None:
        """Note a token that was just made."""
        with self._store.begin() as conn:
            conn.execute(_noted(signed, purpose, key).values(made_at=self._clock()))

    def of_units(self, unit_codes: Sequence[str] | None) -> list[ApiToken]:
        """Return the tokens of some units that have not expired, or of all, the latest first."""
        asked = select(TOKENS).where(TOKENS.c.expires_at > self._clock())
        if unit_codes is not None:
            asked = asked.where(TOKENS.c.unit_code.in_(unit_codes))
        with self._store.read() as conn:
            return [_token(row) for row in conn.execute(asked.order_by(TOKENS.c.made_at.desc(), TOKENS.c.id))]

    def one(self, token_id: str) -> ApiToken | None:
        """Return the token of a number, or None where nobody noted it."""
        with self._store.read() as conn:
            row = conn.execute(select(TOKENS).where(TOKENS.c.id == token_id)).first()
        return None if row is None else _token(row)

    def revoke(self, token_id: str, by: str) -> None:
        """Revoke a token that was noted, and end the sessions that began with it; the first revocation stands."""
        now = self._clock()
        known = update(TOKENS).where(TOKENS.c.id == token_id, TOKENS.c.revoked_at.is_(None))
        began = update(SESSIONS).where(SESSIONS.c.token_id == token_id, SESSIONS.c.ended_at.is_(None))
        with self._store.begin() as conn:
            conn.execute(known.values(revoked_at=now, revoked_by=by))
            conn.execute(began.values(ended_at=now, ended_by=by))
        self._changes += 1
        self._read_at = float("-inf")

    def revoke_unnoted(self, signed: SignedToken, *, key: str, by: str) -> None:
        """Revoke a token of an earlier release, which nobody noted when it was made."""
        if self.one(signed.token_id) is None:
            with self._store.begin() as conn:
                conn.execute(_noted(signed, "", key))
        self.revoke(signed.token_id, by)

    def end_sessions_of_key(self, key: str, by: str) -> int:
        """End the sessions that began with a token of a key that is gone, or with one that nobody noted."""
        others = select(TOKENS.c.id).where(TOKENS.c.key_id != key_id(key))
        began = update(SESSIONS).where(
            SESSIONS.c.token_id.is_not(None),
            SESSIONS.c.token_id.not_in(others),
            SESSIONS.c.ended_at.is_(None),
        )
        with self._store.begin() as conn:
            return conn.execute(began.values(ended_at=self._clock(), ended_by=by)).rowcount


def _noted(signed: SignedToken, purpose: str, key: str) -> Insert:
    return insert(TOKENS).values(
        id=signed.token_id,
        role=signed.actor.role,
        unit_code=signed.actor.unit_code,
        body=signed.actor.body,
        subject=signed.actor.subject,
        purpose=purpose,
        scopes=" ".join(signed.scopes),
        key_id=key_id(key),
        expires_at=signed.expires_at,
    )


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        actor=Actor(cast("Role", row.role), row.unit_code, row.body, row.subject),
        purpose=row.purpose,
        scopes=tuple(row.scopes.split()),
        key_id=row.key_id,
        made_at=row.made_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        last_used_at=row.last_used_at,
    )
