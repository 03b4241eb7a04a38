"""Tables of notices in the operational store: recipients, readings, deliveries."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, Uuid

from services.store.store import METADATA, UtcInstant

NOTICES = Table(
    "notices",
    METADATA,
    # Derived from cause, recipient and template, so that a repeated notice meets its own row.
    Column("id", Uuid, primary_key=True),
    Column("cause", Uuid, nullable=False),
    Column("template", String(40), nullable=False),
    Column("body", String(80), nullable=False),
    Column("territory", String(5), nullable=False),
    Column("roles", String(200), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("unit_code", String(5), nullable=False),
    Column("kind", String(80)),
    Column("issue_id", Uuid),
    Column("escalation_id", Uuid),
    Column("spot_id", Uuid),
    Column("detail", String(40)),
    Column("occurred_at", UtcInstant, nullable=False),
    Column("noted_at", UtcInstant, nullable=False),
    Index("notices_by_body", "body", "noted_at"),
    Index("notices_by_territory", "territory", "noted_at"),
)
"""One row per notice, kept for ever so that a replay sends none again. `roles` is `,a,b,` or empty for all."""

NOTICE_READS = Table(
    "notice_reads",
    METADATA,
    Column("notice_id", Uuid, primary_key=True),
    Column("subject", String(80), primary_key=True),
    Column("read_at", UtcInstant, nullable=False),
)
"""Readings of notices; `subject` is the pseudonym of a session or token."""

NOTICE_READERS = Table(
    "notice_readers",
    METADATA,
    Column("subject", String(80), primary_key=True),
    Column("muted", Text, nullable=False),
    Column("read_until", UtcInstant),
    Column("changed_at", UtcInstant, nullable=False),
)
"""Templates that a person does not want listed (comma-separated), and the instant until which all counts as read."""

SUBSCRIPTIONS = Table(
    "notice_subscriptions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("body", String(80), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("address", String(500), nullable=False),
    Column("secret", String(100)),
    Column("lang", String(2), nullable=False),
    Column("daily", Boolean, nullable=False),
    Column("added_at", UtcInstant, nullable=False),
    Column("added_by", String(200), nullable=False),
    Column("ended_at", UtcInstant),
    Column("ended_by", String(200)),
    Index("notice_subscriptions_by_body", "body"),
)
"""Addresses of a body for its notices: dated rows that are ended, never changed or deleted."""

DELIVERIES = Table(
    "notice_deliveries",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("notice_id", Uuid, nullable=False),
    Column("subscription_id", Uuid, nullable=False),
    Column("state", String(10), nullable=False),
    Column("due_at", UtcInstant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("noted_at", UtcInstant, nullable=False),
    Column("last_at", UtcInstant),
    Column("outcome", String(300)),
    Index("notice_deliveries_due", "state", "due_at"),
    Index("notice_deliveries_by_notice", "notice_id"),
)
"""The delivery log: one row per notice and subscription. `state` is waiting, sent or failed."""

NOTICE_STARTS = Table(
    "notice_starts",
    METADATA,
    Column("topic", String(60), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("log_offset", BigInteger, nullable=False),
)
"""First offset of each partition from which notices are derived; earlier records are history."""
