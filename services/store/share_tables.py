"""Tables of share links in the operational store."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, Uuid

from services.store.store import METADATA, UtcInstant

SHARE_LINKS = Table(
    "share_links",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("role", String(40), nullable=False),
    Column("unit_code", String(5), nullable=False),
    Column("body", String(80)),
    Column("subject", String(80), nullable=False),
    Column("path", String(200), nullable=False),
    Column("query", Text, nullable=False),
    Column("made_at", UtcInstant, nullable=False),
    Column("expires_at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    Column("ended_by", String(200)),
    Column("use_count", Integer, nullable=False),
    Column("last_used_at", UtcInstant),
    Index("share_links_by_unit", "unit_code", "made_at"),
    Index("share_links_by_subject", "subject"),
)
"""One row per link: whose right it carries, what it opens, until when, how often it was opened. Ended, never deleted."""

SHARE_LOCKS = Table(
    "share_locks",
    METADATA,
    Column("subject", String(80), primary_key=True),
    Column("locked_at", UtcInstant, nullable=False),
    Column("locked_by", String(200), nullable=False),
)
"""People whose links open nothing and who make no new ones; `subject` is the pseudonym of a session or token."""
