"""Tables of the weekly mail in the operational store."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Uuid

from services.store.store import METADATA, UtcInstant

WEEKLY_MAILS = Table(
    "weekly_mails",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("role", String(40), nullable=False),
    Column("unit_code", String(5), nullable=False),
    Column("body", String(80)),
    Column("subject", String(80), nullable=False),
    Column("address", String(500), nullable=False),
    Column("lang", String(2), nullable=False),
    Column("added_at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    Column("ended_by", String(200)),
    Index("weekly_mails_by_unit", "unit_code"),
)
"""Who asked for the weekly mail, with which right, and where it goes: ended, never changed or deleted."""

WEEKLY_LETTERS = Table(
    "weekly_letters",
    METADATA,
    # Derived from mail and week, so that a week has one letter whoever writes it down.
    Column("id", Uuid, primary_key=True),
    Column("mail_id", Uuid, nullable=False),
    Column("week", String(8), nullable=False),
    Column("state", String(10), nullable=False),
    Column("due_at", UtcInstant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_at", UtcInstant),
    Column("outcome", String(300)),
    Index("weekly_letters_due", "state", "due_at"),
)
"""One row per mail and week. `state` is waiting, sent or failed."""
