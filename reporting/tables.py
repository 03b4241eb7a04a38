"""The tables of the warehouse as they must stand after all migrations; a test compares the two."""

from __future__ import annotations

from reporting.cases.marks import MARKS
from reporting.copied_tables import CLOSED_FIGURES, DEAD_LETTERS, VOCABULARIES
from reporting.table import CODE as _CODE
from reporting.table import INSTANT as _INSTANT
from reporting.table import Columns, Table

_MAYBE_INSTANT = "Nullable(DateTime64(6, 'UTC'))"
_MAYBE_DAY = "Nullable(Date)"

_POSITION: Columns = (("epoch", "UInt16"), ("topic", _CODE), ("partition", "UInt16"), ("offset", "UInt64"))
_LANDED: Columns = (("landed_at", "DateTime64(3, 'UTC')"), *_POSITION)
_FILLED = frozenset({"recorded_on", "landed_at"})

_CASE_DATES: Columns = (
    ("field_code", _CODE),
    ("channel", _CODE),
    ("submitted_on", "Date"),
    ("received_on", _MAYBE_DAY),
    ("refused_on", _MAYBE_DAY),
    ("due_on", _MAYBE_DAY),
    ("closed_on", _MAYBE_DAY),
    ("close_kind", _CODE),
    ("returned_on", _MAYBE_DAY),
    ("pause_reasons", "Array(LowCardinality(String))"),
    ("pause_from", "Array(Date)"),
    ("pause_to", "Array(Nullable(Date))"),
    ("key_id", _CODE),
    ("status_code", "UInt8"),
    ("received_unit_code", _CODE),
    ("helped_unit_code", _CODE),
    ("procedure_code", _CODE),
    ("applicant_kind", _CODE),
    ("due_at", _MAYBE_INSTANT),
    ("personal_id_issued_on", _MAYBE_DAY),
    ("personal_id_sent_on", _MAYBE_DAY),
    ("waiting_for", _CODE),
    ("mismatch", _CODE),
    ("mismatch_body", _CODE),
    ("mismatch_from_on", _MAYBE_DAY),
    ("mismatch_to_on", _MAYBE_DAY),
    ("entered_twice", _CODE),
    ("late_cause", _CODE),
)

CASE_EVENTS = Table(
    "case_events",
    (
        ("event_id", "UUID"),
        ("event_type", _CODE),
        ("source", _CODE),
        ("case_key", "String"),
        ("unit_code", _CODE),
        ("seq", "UInt64"),
        ("occurred_at", _INSTANT),
        ("recorded_at", _INSTANT),
        ("recorded_on", "Date"),
        ("actor_role", _CODE),
        ("actor_unit", _CODE),
        *_CASE_DATES,
        ("calendar_version", _CODE),
        ("supplement_count", "UInt32"),
        ("pause_known", "Bool"),
        ("source_overdue", "Nullable(Bool)"),
        ("online_payment", "Nullable(Bool)"),
        ("backfill", "Bool"),
        ("reason_code", _CODE),
        ("assisted", _CODE),
        ("age_band", _CODE),
        ("previous", "String"),
        *_LANDED,
    ),
    "ReplacingMergeTree",
    "recorded_on, unit_code, case_key, event_id, epoch, topic, partition, offset",
    "toYear(recorded_on)",
    _FILLED,
)


def _facts_about(name: str, subject: str) -> Table:
    """Declare the facts of one family: the envelope in columns, by the id of what they are about, and the event as JSON."""
    return Table(
        name,
        (
            ("event_id", "UUID"),
            ("event_type", _CODE),
            ("source", _CODE),
            (subject, "UUID"),
            ("occurred_at", _INSTANT),
            ("recorded_at", _INSTANT),
            ("recorded_on", "Date"),
            ("causation_id", "Nullable(UUID)"),
            ("actor_role", _CODE),
            ("actor_unit", _CODE),
            ("actor_body", _CODE),
            ("on_behalf_of", _CODE),
            ("body", "String"),
            *_LANDED,
        ),
        "ReplacingMergeTree",
        f"{subject}, recorded_at, event_id, epoch, topic, partition, offset",
        "toYear(recorded_on)",
        _FILLED,
    )


ISSUE_EVENTS = _facts_about("issue_events", "issue_id")
PROBLEM_EVENTS = _facts_about("problem_events", "problem_id")
PROMISE_EVENTS = _facts_about("promise_events", "spot_id")
PERIOD_EVENTS = _facts_about("period_events", "filing_id")
LESSON_EVENTS = _facts_about("lesson_events", "lesson_id")

SOURCE_EVENTS = Table(
    "source_events",
    (
        ("event_id", "UUID"),
        ("event_type", _CODE),
        ("unit_code", _CODE),
        ("occurred_at", _INSTANT),
        ("recorded_at", _INSTANT),
        ("recorded_on", "Date"),
        ("last_seen_at", _INSTANT),
        ("outbox_count", "UInt32"),
        ("oldest_unsent_at", _MAYBE_INSTANT),
        ("case_seq", "UInt64"),
        ("release", _CODE),
        *_LANDED,
    ),
    "ReplacingMergeTree",
    "unit_code, recorded_at, event_id, epoch, topic, partition, offset",
    "toYear(recorded_on)",
    _FILLED,
)

CASE_MARKS = Table(
    "case_marks",
    (
        ("day", "Date"),
        ("unit_code", _CODE),
        ("case_key", "FixedString(32)"),
        ("marks", "UInt16"),
        ("field_code", _CODE),
        ("channel", _CODE),
        ("version", "UInt64"),
        ("gone", "UInt8"),
    ),
    "ReplacingMergeTree(version, gone)",
    "day, unit_code, case_key",
    "toYear(day)",
)

CASES_CURRENT = Table(
    "cases_current",
    (
        ("case_key", "String"),
        ("unit_code", _CODE),
        ("seq", "UInt64"),
        ("event_id", "UUID"),
        ("event_type", _CODE),
        ("recorded_at", _INSTANT),
        *_CASE_DATES,
        ("pause_known", "Bool"),
        ("source_overdue", "Nullable(Bool)"),
        ("backfill", "Bool"),
    ),
    "ReplacingMergeTree(seq)",
    "case_key",
)

_STOOD: Columns = (("case_start", "UInt64"), ("unit_code", _CODE))
CASE_UNITS = Table("case_units", _STOOD, "ReplacingMergeTree", "case_start, unit_code")
"""In which units a case ever stood, by the first eight bytes of its key; never too few, maybe too many."""

_PLACED: frozenset[str] = frozenset(
    {
        *("unit_code", "field_code", "channel", "submitted_on", "received_on", "refused_on", "due_on"),
        *("closed_on", "close_kind", "returned_on", "pause_from", "pause_to"),
    }
)
CASE_STATES = Table(
    "case_states",
    (
        ("case_key", "String"),
        ("seq", "UInt64"),
        ("unit_code", _CODE),
        *(column for column in _CASE_DATES if column[0] in _PLACED),
        ("former", "Bool"),
    ),
    "Null",
    "",
)
"""States that pass through to `case_marks`; the table itself stores none."""

_COUNTS: Columns = (
    ("version", "UInt64"),
    *((mark, "UInt32") for mark in MARKS),
    ("groups.field_code", "Array(LowCardinality(String))"),
    ("groups.channel", "Array(LowCardinality(String))"),
    *((f"groups.{mark}", "Array(UInt32)") for mark in MARKS),
)
"""Totals, and the same by field and channel as parallel arrays; the engine holds their lengths equal."""

ROLLUPS_DAILY = Table(
    "rollups_daily",
    (("unit_code", _CODE), ("day", "Date"), *_COUNTS),
    "ReplacingMergeTree(version)",
    "toStartOfMonth(day), unit_code, day",
    "toYear(day)",
)

ROLLUPS_MONTHLY = Table(
    "rollups_monthly",
    (("unit_code", _CODE), ("month", "Date"), *_COUNTS),
    "ReplacingMergeTree(version)",
    "month, unit_code",
)

_SUMMED: Columns = (("made_of", "UInt64"), ("unit_codes", "Array(LowCardinality(String))"))

PROVINCE_DAYS = Table(
    "province_days",
    (("province_code", _CODE), ("day", "Date"), _COUNTS[0], *_SUMMED, *_COUNTS[1:]),
    "ReplacingMergeTree(version)",
    "day, province_code",
    "toYear(day)",
)
"""Sums of the roll-ups of a province's communes, each with a checksum of the rows that it is made of."""

PROVINCE_MONTHS = Table(
    "province_months",
    (("province_code", _CODE), ("month", "Date"), _COUNTS[0], *_SUMMED, *_COUNTS[1:]),
    "ReplacingMergeTree(version)",
    "month, province_code",
)

ISSUES_CURRENT = Table(
    "issues_current",
    (
        ("issue_id", "UUID"),
        ("unit_code", _CODE),
        ("province_code", _CODE),
        ("kind", _CODE),
        ("lane", _CODE),
        ("level", _CODE),
        ("severity", _CODE),
        ("state", _CODE),
        ("holder_body", _CODE),
        ("reported_at", _INSTANT),
        ("updated_at", _INSTANT),
        ("version", "UInt32"),
        ("escalation_ids", "Array(UUID)"),
        ("escalation_states", "Array(LowCardinality(String))"),
        ("escalation_bodies", "Array(LowCardinality(String))"),
        ("escalation_from_bodies", "Array(LowCardinality(String))"),
        ("escalation_units", "Array(LowCardinality(String))"),
        ("clock_ids", "Array(UUID)"),
        ("clock_due_at", "Array(DateTime64(6, 'UTC'))"),
        ("clock_states", "Array(LowCardinality(String))"),
        ("clock_sources", "Array(LowCardinality(String))"),
        ("problem_id", "UUID"),
        ("problem_mark", _CODE),
        ("clock_remind_at", "Array(DateTime64(6, 'UTC'))"),
        ("clock_warn_at", "Array(DateTime64(6, 'UTC'))"),
        ("fault_ids", "Array(UUID)"),
        ("fault_units", "Array(Array(LowCardinality(String)))"),
        ("fault_began_at", "Array(DateTime64(6, 'UTC'))"),
        ("fault_confirmed_at", "Array(DateTime64(6, 'UTC'))"),
        ("fault_cleared_at", "Array(Nullable(DateTime64(6, 'UTC')))"),
        ("suppressed_by", "Array(UUID)"),
        ("signals", "Array(LowCardinality(String))"),
        ("body", "String"),
        *_POSITION,
        ("row_version", "UInt64"),
        ("own_state", _CODE),
        ("closed_reason", _CODE),
        ("escalation_awaits_office", "Array(Bool)"),
    ),
    "ReplacingMergeTree(row_version)",
    "issue_id",
    filled=frozenset({"own_state", "closed_reason", "escalation_awaits_office"}),
    supplied=frozenset({"clock_remind_at", "clock_warn_at"}),
)

PROBLEMS_CURRENT = Table(
    "problems_current",
    (
        ("problem_id", "UUID"),
        ("scope", _CODE),
        ("kind", _CODE),
        ("lead_body", _CODE),
        ("state", _CODE),
        ("opened_at", _INSTANT),
        ("updated_at", _INSTANT),
        ("version", "UInt32"),
        ("member_ids", "Array(UUID)"),
        ("member_units", "Array(LowCardinality(String))"),
        ("member_provinces", "Array(LowCardinality(String))"),
        ("answer_count", "UInt16"),
        ("body", "String"),
        *_POSITION,
        ("row_version", "UInt64"),
    ),
    "ReplacingMergeTree(row_version)",
    "problem_id",
)

SOURCE_STATES = Table(
    "source_states",
    (
        ("unit_code", _CODE),
        ("aspect", _CODE),
        ("event_type", _CODE),
        ("recorded_at", _INSTANT),
        ("last_seen_at", _INSTANT),
        ("outbox_count", "UInt32"),
        ("oldest_unsent_at", _MAYBE_INSTANT),
        ("case_seq", "UInt64"),
        ("release", _CODE),
        ("version", "UInt64"),
    ),
    "ReplacingMergeTree(version)",
    "unit_code, aspect",
)

RECOUNTS_DUE = Table(
    "recounts_due",
    (("span", _CODE), ("starts_on", "Date"), ("unit_code", _CODE), ("counted", "Bool"), ("at", "UInt64")),
    "ReplacingMergeTree(at)",
    "span, starts_on, unit_code, counted",
    supplied=frozenset({"at"}),
)
"""Roll-ups that are to be counted later, and when they were: neither facts nor derived from facts alone."""

FACTS: tuple[Table, ...] = (
    *(CASE_EVENTS, ISSUE_EVENTS, PROBLEM_EVENTS, SOURCE_EVENTS),
    *(PROMISE_EVENTS, PERIOD_EVENTS, LESSON_EVENTS),
)
DERIVED: tuple[Table, ...] = (
    *(CASE_MARKS, CASES_CURRENT, CASE_UNITS, ROLLUPS_DAILY, ROLLUPS_MONTHLY, PROVINCE_DAYS, PROVINCE_MONTHS),
    *(ISSUES_CURRENT, PROBLEMS_CURRENT, SOURCE_STATES),
)
TABLES: dict[str, Table] = {
    table.name: table
    for table in (*FACTS, *DERIVED, RECOUNTS_DUE, VOCABULARIES, CLOSED_FIGURES, DEAD_LETTERS)
}
VIEWS: tuple[str, ...] = (
    "case_facts",
    "case_fact_states",
    "issue_facts",
    "problem_facts",
    "promise_facts",
    "period_facts",
    "lesson_facts",
    "source_facts",
    "rollup_openings",
    "sources_current",
    "landed",
)
FEEDS: tuple[str, ...] = ("case_states_to_marks", "case_events_to_case_units")
"""Views that write: rows inserted into `case_states` and `case_events` go through them."""
