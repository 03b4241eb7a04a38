"""Named values that an installation stores about itself."""

from __future__ import annotations

from sqlalchemy import select

from services.store.row_writer import upsert
from services.store.store import META, Store


def noted(store: Store, name: str) -> str | None:
    """Return the note of a name, or None."""
    with store.read() as conn:
        return conn.scalar(select(META.c.value).where(META.c.name == name))


def note(store: Store, name: str, value: str) -> None:
    """Write a note durably; it replaces an earlier one of the name."""
    with store.begin() as conn:
        upsert(conn, META, [{"name": name, "value": value}])
