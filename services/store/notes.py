"""Short notes that an installation keeps about itself in its store."""

from __future__ import annotations

from sqlalchemy import select

from services.store.store import META, Store, upsert


def noted(store: Store, name: str) -> str | None:
    """Return the note of that name, if there is one."""
    with store.read() as conn:
        return conn.scalar(select(META.c.value).where(META.c.name == name))


def note(store: Store, name: str, value: str) -> None:
    """Write a note durably; a later one replaces it."""
    with store.begin() as conn:
        upsert(conn, META, [{"name": name, "value": value}])
