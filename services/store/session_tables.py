"""Table of sessions in the operational store."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Uuid

from services.store.store import METADATA, UtcInstant

SESSIONS = Table(
    "sessions",
    METADATA,
    # SHA-256 of the key in the cookie: who reads the store can open no session with it.
    Column("key_sha256", String(64), primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("role", String(40), nullable=False),
    Column("unit_code", String(5), nullable=False),
    Column("body", String(80)),
    Column("subject", String(80), nullable=False),
    Column("how", String(20), nullable=False),
    Column("token_id", String(40)),
    Column("device", String(60), nullable=False),
    Column("began_at", UtcInstant, nullable=False),
    Column("expires_at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    Column("ended_by", String(200)),
    Index("sessions_by_unit", "unit_code", "subject"),
    Index("sessions_by_token", "token_id"),
    Index("sessions_by_expiry", "expires_at"),
)
"""One row per session; ended, and deleted some weeks after it is over."""
