"""Tables that hold copies, for boards that no service draws: neither facts nor derived from facts alone."""

from __future__ import annotations

from reporting.filings.figures import FILED
from reporting.table import CODE, INSTANT, Table

VOCABULARIES = Table(
    "vocabularies",
    (
        ("vocabulary", CODE),
        ("code", "String"),
        ("level", CODE),
        ("province_code", CODE),
        ("name_vi", "String"),
        ("name_en", "String"),
        ("version", "UInt64"),
        ("gone", "UInt8"),
    ),
    "ReplacingMergeTree(version, gone)",
    "vocabulary, code",
)
"""Names of codes from the dated tables, for boards that no service draws: neither facts nor derived from facts."""

CLOSED_FIGURES = Table(
    "closed_figures",
    (
        ("unit_code", CODE),
        ("period", CODE),
        ("first_on", "Date"),
        ("last_on", "Date"),
        ("confirmed_at", INSTANT),
        ("field_code", CODE),
        ("channel", CODE),
        *((name, "UInt32") for name in FILED),
        ("version", "UInt64"),
        ("gone", "UInt8"),
    ),
    "ReplacingMergeTree(version, gone)",
    "unit_code, period, field_code, channel",
)
"""The figures with which communes closed their periods, copied from their filings for boards that no service draws.

A row without field and channel says that the period is closed, also where nothing occurred in it.
"""

DEAD_LETTERS = Table(
    "dead_letters",
    (
        ("topic", CODE),
        ("epoch", "UInt16"),
        ("partition", "UInt16"),
        ("offset", "UInt64"),
        ("number", "UInt64"),
        ("reason", CODE),
        ("consumer_group", CODE),
        ("first_seen_at", INSTANT),
    ),
    "ReplacingMergeTree",
    "topic, epoch, partition, offset, number",
)
"""Which records were set aside, copied from the log: no facts of the service, and derived from none."""
