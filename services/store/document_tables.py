"""Tables of documents in the operational store: officers' corrections of an annex, and drawn documents."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, Uuid

from services.store.store import METADATA, UtcInstant

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

ANNEX_EDITS = Table(
    "annex_edits",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("unit_code", String(5), nullable=False),
    Column("period", String(10), nullable=False),
    Column("issue_id", Uuid, nullable=False),
    Column("part", String(20), nullable=False),
    # NULL where the officer restored the proposed content.
    Column("text_id", Uuid),
    Column("rests_on", Text, nullable=False),
    Column("edited_at", UtcInstant, nullable=False),
    Column("edited_by", String(200), nullable=False),
    Index("annex_edits_by_annex", "unit_code", "period", "id"),
)
"""One row per correction; the last one holds. The texts are in the text store, where they can be erased."""

DRAWINGS = Table(
    "drawings",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("unit_code", String(5), nullable=False),
    Column("period", String(10), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("format", String(5), nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("drawn_at", UtcInstant, nullable=False),
    Column("drawn_by", String(200), nullable=False),
    Index("drawings_by_unit", "unit_code", "id"),
)
"""Every document that left the system as a file: an annex is an export, and exports are noted."""
