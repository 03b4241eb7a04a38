-- Derived: everything here is a function of the facts, replaceable row by row, and `liencap rebuild` makes it anew.

-- One row per mark of a case; a row with `gone` takes a mark back that a later state no longer has.
CREATE TABLE IF NOT EXISTS case_marks
(
    day Date,
    unit_code LowCardinality(String),
    case_key String,
    mark LowCardinality(String),
    field_code LowCardinality(String),
    channel LowCardinality(String),
    seq UInt64,
    gone UInt8
)
ENGINE = ReplacingMergeTree(seq, gone)
PARTITION BY toYear(day)
ORDER BY (day, unit_code, case_key, mark)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE TABLE IF NOT EXISTS cases_current
(
    case_key String,
    unit_code LowCardinality(String),
    seq UInt64,
    event_id UUID,
    event_type LowCardinality(String),
    recorded_at DateTime64(6, 'UTC'),
    field_code LowCardinality(String),
    channel LowCardinality(String),
    submitted_on Date,
    received_on Nullable(Date),
    refused_on Nullable(Date),
    due_on Nullable(Date),
    closed_on Nullable(Date),
    close_kind LowCardinality(String),
    returned_on Nullable(Date),
    pause_reasons Array(LowCardinality(String)),
    pause_from Array(Date),
    pause_to Array(Nullable(Date)),
    key_id LowCardinality(String),
    status_code UInt8,
    received_unit_code LowCardinality(String),
    helped_unit_code LowCardinality(String),
    procedure_code LowCardinality(String),
    applicant_kind LowCardinality(String),
    due_at Nullable(DateTime64(6, 'UTC')),
    pause_known Bool,
    source_overdue Nullable(Bool),
    backfill Bool
)
ENGINE = ReplacingMergeTree(seq)
ORDER BY case_key
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

-- One row per unit and day. `counts` holds the same numbers by 'field|channel|mark'; a group that vanished
-- vanishes with the row that replaces this one. The version is the engine's clock before the recount.
CREATE TABLE IF NOT EXISTS rollups_daily
(
    unit_code LowCardinality(String),
    day Date,
    version UInt64,
    submitted Int64,
    opened Int64,
    refused Int64,
    closed Int64,
    closed_early Int64,
    closed_on_time Int64,
    closed_late Int64,
    closed_undated Int64,
    closed_withdrawn Int64,
    closed_stopped Int64,
    returned Int64,
    overdue_in Int64,
    overdue_out Int64,
    paused_in Int64,
    paused_out Int64,
    counts Map(String, Int64)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (unit_code, day)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

-- The same numbers per month, so that a balance sums months and then days instead of years of days.
CREATE TABLE IF NOT EXISTS rollups_monthly
(
    unit_code LowCardinality(String),
    month Date,
    version UInt64,
    submitted Int64,
    opened Int64,
    refused Int64,
    closed Int64,
    closed_early Int64,
    closed_on_time Int64,
    closed_late Int64,
    closed_undated Int64,
    closed_withdrawn Int64,
    closed_stopped Int64,
    returned Int64,
    overdue_in Int64,
    overdue_out Int64,
    paused_in Int64,
    paused_out Int64,
    counts Map(String, Int64)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (unit_code, month)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

-- What a unit carried into each month that has numbers: open, overdue and paused cases.
CREATE VIEW IF NOT EXISTS rollup_openings AS
SELECT
    unit_code,
    month,
    sum(opened - closed) OVER before AS open_count,
    sum(overdue_in - overdue_out) OVER before AS overdue_count,
    sum(paused_in - paused_out) OVER before AS paused_count
FROM rollups_monthly FINAL
WINDOW before AS (PARTITION BY unit_code ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

-- One issue, one row: the folded state, its escalations and clocks inside.
CREATE TABLE IF NOT EXISTS issues_current
(
    issue_id UUID,
    unit_code LowCardinality(String),
    province_code LowCardinality(String),
    kind LowCardinality(String),
    lane LowCardinality(String),
    level LowCardinality(String),
    severity LowCardinality(String),
    state LowCardinality(String),
    holder_body LowCardinality(String),
    reported_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC'),
    version UInt32,
    escalation_ids Array(UUID),
    escalation_states Array(LowCardinality(String)),
    escalation_bodies Array(LowCardinality(String)),
    escalation_from_bodies Array(LowCardinality(String)),
    escalation_units Array(LowCardinality(String)),
    clock_ids Array(UUID),
    clock_due_at Array(DateTime64(6, 'UTC')),
    clock_states Array(LowCardinality(String)),
    clock_sources Array(LowCardinality(String)),
    body String,
    epoch UInt16,
    topic LowCardinality(String),
    partition UInt16,
    offset UInt64,
    row_version UInt64
)
ENGINE = ReplacingMergeTree(row_version)
ORDER BY issue_id
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

-- The latest sign of life and the latest word about silence, per unit; the view puts the two together.
CREATE TABLE IF NOT EXISTS source_states
(
    unit_code LowCardinality(String),
    aspect LowCardinality(String),
    event_type LowCardinality(String),
    recorded_at DateTime64(6, 'UTC'),
    last_seen_at DateTime64(6, 'UTC'),
    outbox_count UInt32,
    oldest_unsent_at Nullable(DateTime64(6, 'UTC')),
    case_seq UInt64,
    release LowCardinality(String),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (unit_code, aspect)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE VIEW IF NOT EXISTS sources_current AS
SELECT
    unit_code,
    max(last_seen_at) AS last_seen_at,
    argMaxIf(outbox_count, version, aspect = 'heartbeat') AS outbox_count,
    argMaxIf(oldest_unsent_at, version, aspect = 'heartbeat') AS oldest_unsent_at,
    argMaxIf(case_seq, version, aspect = 'heartbeat') AS case_seq,
    argMaxIf(release, version, aspect = 'heartbeat') AS release,
    argMaxIf(event_type, version, aspect = 'silence') = 'source.silent'
        AND maxIf(version, aspect = 'silence') > maxIf(version, aspect = 'heartbeat') AS silent
FROM source_states FINAL
GROUP BY unit_code;
