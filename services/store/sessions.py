"""Sessions in the store: begun, looked up, listed, ended; what was looked up is kept for a few seconds."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select, update

from events.envelope import Role
from services.access.actors import Actor
from services.access.sessions import How, Session, digest_of, new_key, with_subject
from services.errors import Unauthenticated
from services.store.session_tables import SESSIONS
from services.store.store import Store
from services.store.token_tables import TOKENS

FRESH_SECONDS = 5.0
"""So long a process relies on what it looked up: a session that another process ended opens nothing after that."""
KEPT_AFTER = dt.timedelta(days=30)
"""So long a session that is over stands in the table."""
MOST_LISTED = 200
_MOST_REMEMBERED = 10_000
_OVER = "this session is over: sign in again"


class Sessions:
    """Begins, looks up, lists and ends sessions. Safe to use from several threads and processes."""

    def __init__(self, store: Store, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._clock = clock
        self._remembered: dict[str, tuple[float, Session]] = {}
        self._lock = threading.Lock()
        self._endings = 0

    def begin(
        self,
        actor: Actor,
        *,
        how: How,
        device: str,
        expires_at: dt.datetime,
        token_id: str | None = None,
    ) -> str:
        """Begin a session and return its key, which nothing holds but the browser's cookie.

        Raises:
            Unauthenticated: the token was revoked meanwhile.
        """
        who, key = with_subject(actor), new_key()
        row = {
            "key_sha256": digest_of(key),
            "id": uuid4(),
            "role": who.role,
            "unit_code": who.unit_code,
            "body": who.body,
            "subject": who.subject,
            "how": how,
            "token_id": token_id,
            "device": device,
            "began_at": self._clock(),
            "expires_at": expires_at,
        }
        with self._store.begin() as conn:
            # In the transaction that begins the session: what is revoked after it ends the session too.
            asked = select(TOKENS.c.revoked_at).where(TOKENS.c.id == token_id).with_for_update()
            if token_id is not None and conn.scalar(asked) is not None:
                raise Unauthenticated(_OVER)
            conn.execute(insert(SESSIONS).values(**row))
        return key

    def remembered(self, key: str) -> Session | None:
        """Return a session that was looked up within the last seconds and holds; None where the store must be asked."""
        known = self._remembered.get(digest_of(key) or "")
        if known is None or time.monotonic() - known[0] > FRESH_SECONDS:
            return None
        return known[1] if known[1].holds_at(self._clock()) else None

    def held(self, key: str) -> Session:
        """Return the session of a key.

        Raises:
            Unauthenticated: there is none, it was ended, or its time is over.
            NotReady: the store cannot be reached.
        """
        digest = digest_of(key)
        found = None if digest is None else self._looked_up(digest)
        if found is None or not found.holds_at(self._clock()):
            raise Unauthenticated(_OVER)
        return found

    def end(self, key: str) -> None:
        """End the session of a key by its own person; nothing happens where there is none."""
        digest = digest_of(key)
        if digest is None:
            return
        with self._store.begin() as conn:
            own = update(SESSIONS).where(SESSIONS.c.key_sha256 == digest, SESSIONS.c.ended_at.is_(None))
            conn.execute(own.values(ended_at=self._clock(), ended_by="sign-out"))
        self.forget()

    def end_those(self, which: ColumnElement[bool], by: str) -> int:
        """End the sessions of a condition that hold, and return how many did."""
        now = self._clock()
        holding = (SESSIONS.c.ended_at.is_(None), SESSIONS.c.expires_at > now)
        with self._store.begin() as conn:
            done = conn.execute(update(SESSIONS).where(which, *holding).values(ended_at=now, ended_by=by))
        self.forget()
        return done.rowcount

    def forget(self) -> None:
        """Forget what was looked up, so that an ending takes effect at once in this process."""
        with self._lock:
            self._endings += 1
            self._remembered.clear()

    def one(self, session_id: UUID) -> Session | None:
        """Return the session of an id, also one that is over; None where there is none."""
        return next(iter(self._read(SESSIONS.c.id == session_id)), None)

    def own(self, actor: Actor) -> list[Session]:
        """Return the sessions of a person that hold, the latest first."""
        return self._read(self._holding(of_person(actor)))

    def of_units(self, unit_codes: Sequence[str] | None) -> list[Session]:
        """Return the sessions of some units that hold, or of all, the latest first and at most `MOST_LISTED`."""
        which = (
            SESSIONS.c.key_sha256.is_not(None) if unit_codes is None else SESSIONS.c.unit_code.in_(unit_codes)
        )
        return self._read(self._holding(which))

    def prune(self) -> int:
        """Delete what has been over for `KEPT_AFTER`, and return how many rows that were."""
        before = self._clock() - KEPT_AFTER
        gone = or_(SESSIONS.c.expires_at < before, SESSIONS.c.ended_at < before)
        with self._store.begin() as conn:
            return conn.execute(delete(SESSIONS).where(gone)).rowcount

    def _holding(self, which: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(which, SESSIONS.c.ended_at.is_(None), SESSIONS.c.expires_at > self._clock())

    def _read(self, which: ColumnElement[bool]) -> list[Session]:
        asked = select(SESSIONS).where(which).order_by(SESSIONS.c.began_at.desc()).limit(MOST_LISTED)
        with self._store.read() as conn:
            return [_session(row) for row in conn.execute(asked)]

    def _looked_up(self, digest: str) -> Session | None:
        endings, asked_at = self._endings, time.monotonic()
        found = next(iter(self._read(SESSIONS.c.key_sha256 == digest)), None)
        # A key that opens nothing is not remembered: anybody could fill the memory with such keys.
        if found is not None:
            with self._lock:
                if len(self._remembered) >= _MOST_REMEMBERED:
                    self._remembered.clear()
                # A session that was ended meanwhile was read as it stood before.
                if endings == self._endings:
                    self._remembered[digest] = (asked_at, found)
        return found


def of_person(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of one person's sessions: two units may give the same code to two people."""
    return and_(SESSIONS.c.subject == actor.subject, SESSIONS.c.unit_code == actor.unit_code)


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        actor=Actor(cast("Role", row.role), row.unit_code, row.body, row.subject),
        how=row.how,
        token_id=row.token_id,
        device=row.device,
        began_at=row.began_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
