"""Written texts, kept where they can be erased; the log holds only an id and a hash of each."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, select, update

from events.fields import TextRef
from services.access.actors import Actor, label_of
from services.errors import NotFound
from services.store.row_writer import Values, insert_missing
from services.store.store import TEXTS, Store


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def text_row(
    text: str, *, unit_code: str, purpose: str, text_id: UUID | None = None
) -> tuple[TextRef, Values]:
    """Return the reference to a text and its row, as `TextStore.put` would store it; needs no store."""
    body = unicodedata.normalize("NFC", text)
    ref = TextRef(id=text_id or uuid.uuid4(), sha256=hashlib.sha256(body.encode()).hexdigest())
    return ref, {"id": ref.id, "sha256": ref.sha256, "body": body, "unit_code": unit_code, "purpose": purpose}


def put_rows(conn: Connection, rows: Sequence[Values]) -> None:
    """Store rows that `text_row` made; a stored text with the id of one stays."""
    insert_missing(conn, TEXTS, rows, unique="id")


def texts_of(conn: Connection, unit_code: str, purpose: str) -> list[str]:
    """Return the texts of one purpose that a unit wrote and nobody erased."""
    theirs = (TEXTS.c.unit_code == unit_code) & (TEXTS.c.purpose == purpose) & TEXTS.c.body.is_not(None)
    return [str(body) for body in conn.scalars(select(TEXTS.c.body).where(theirs))]


class TextStore:
    """Stores, fetches and erases texts."""

    def __init__(self, store: Store, clock: Callable[[], dt.datetime] = _now) -> None:
        self._store = store
        self._clock = clock

    def put(
        self, conn: Connection, text: str, *, unit_code: str, purpose: str, text_id: UUID | None = None
    ) -> TextRef:
        """Store a text in the caller's transaction.

        Args:
            purpose: use of the text: place, tried, answer, reason, signer …
            text_id: given where a retry must find its own text; a stored text with this id stays.
        """
        ref, row = text_row(text, unit_code=unit_code, purpose=purpose, text_id=text_id)
        put_rows(conn, [row])
        return ref

    def fetch(self, ids: Iterable[UUID]) -> dict[UUID, str | None]:
        """Return texts by id: None where one was erased, no entry where this store never had it."""
        wanted = list(dict.fromkeys(ids))
        found: dict[UUID, str | None] = {}
        with self._store.read() as conn:
            for start in range(0, len(wanted), 500):
                query = select(TEXTS.c.id, TEXTS.c.body).where(TEXTS.c.id.in_(wanted[start : start + 500]))
                found.update((row.id, row.body) for row in conn.execute(query))
        return found

    def hashes(self, ids: Iterable[UUID]) -> dict[UUID, str]:
        """Return the hashes of texts by id, erased ones too; no entry where this store never had one."""
        with self._store.read() as conn:
            found = conn.execute(select(TEXTS.c.id, TEXTS.c.sha256).where(TEXTS.c.id.in_(list(ids))))
            return {row.id: row.sha256 for row in found}

    def erase(self, text_id: UUID, actor: Actor, reason: str) -> None:
        """Erase a text for good; eraser, instant and reason are kept. A second erasure keeps the first note.

        Raises:
            NotFound: this store never had such a text.
        """
        with self._store.begin() as conn:
            if conn.scalar(select(TEXTS.c.id).where(TEXTS.c.id == text_id)) is None:
                raise NotFound("this store has no text of that id", field="text_id")
            conn.execute(
                update(TEXTS)
                .where(TEXTS.c.id == text_id, TEXTS.c.erased_at.is_(None))
                .values(
                    body=None,
                    erased_at=self._clock(),
                    erased_by=label_of(actor),
                    erased_reason=reason[:500],
                )
            )
        self._store.forget_overwritten(TEXTS)
