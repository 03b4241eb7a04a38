"""Table of API tokens in the operational store."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from services.store.store import METADATA, UtcInstant

TOKENS = Table(
    "api_tokens",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("role", String(40), nullable=False),
    Column("unit_code", String(5), nullable=False),
    Column("body", String(80)),
    Column("subject", String(80), nullable=False),
    Column("purpose", String(200), nullable=False),
    Column("scopes", String(500), nullable=False),
    Column("key_id", String(20), nullable=False),
    Column("made_at", UtcInstant),
    Column("expires_at", UtcInstant, nullable=False),
    Column("revoked_at", UtcInstant),
    Column("revoked_by", String(200)),
    Column("last_used_at", UtcInstant),
    Index("api_tokens_by_unit", "unit_code"),
    Index("api_tokens_revoked", "revoked_at", "expires_at"),
)
"""One row per token, never the token itself; `made_at` is NULL of one that an earlier release made and somebody revoked."""
