-- Facts: what the log holds, one row per record of the log. Every column of a sorting or partition key is
-- immutable for an event, so that a second delivery lands on the first. The position stands in the sorting key:
-- an event that the log holds twice stays countable, and the views below read it once.

CREATE TABLE IF NOT EXISTS case_events
(
    event_id UUID,
    event_type LowCardinality(String),
    source LowCardinality(String),
    case_key String,
    unit_code LowCardinality(String),
    seq UInt64,
    occurred_at DateTime64(6, 'UTC'),
    recorded_at DateTime64(6, 'UTC'),
    recorded_on Date DEFAULT toDate(recorded_at, 'Asia/Ho_Chi_Minh'),
    actor_role LowCardinality(String),
    actor_unit LowCardinality(String),
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
    calendar_version LowCardinality(String),
    supplement_count UInt32,
    pause_known Bool,
    source_overdue Nullable(Bool),
    online_payment Nullable(Bool),
    backfill Bool,
    reason_code LowCardinality(String),
    previous String,
    landed_at DateTime64(3, 'UTC') DEFAULT now64(3),
    epoch UInt16,
    topic LowCardinality(String),
    partition UInt16,
    offset UInt64
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(recorded_on)
ORDER BY (recorded_on, unit_code, case_key, event_id, epoch, topic, partition, offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE VIEW IF NOT EXISTS case_facts AS
SELECT * FROM case_events FINAL LIMIT 1 BY event_id;

CREATE TABLE IF NOT EXISTS issue_events
(
    event_id UUID,
    event_type LowCardinality(String),
    source LowCardinality(String),
    issue_id UUID,
    occurred_at DateTime64(6, 'UTC'),
    recorded_at DateTime64(6, 'UTC'),
    recorded_on Date DEFAULT toDate(recorded_at, 'Asia/Ho_Chi_Minh'),
    causation_id Nullable(UUID),
    actor_role LowCardinality(String),
    actor_unit LowCardinality(String),
    actor_body LowCardinality(String),
    on_behalf_of LowCardinality(String),
    body String,
    landed_at DateTime64(3, 'UTC') DEFAULT now64(3),
    epoch UInt16,
    topic LowCardinality(String),
    partition UInt16,
    offset UInt64
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(recorded_on)
ORDER BY (issue_id, recorded_at, event_id, epoch, topic, partition, offset)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE VIEW IF NOT EXISTS issue_facts AS
SELECT * FROM issue_events FINAL ORDER BY epoch, topic, partition, offset LIMIT 1 BY event_id;

CREATE TABLE IF NOT EXISTS source_events
(
    event_id UUID,
    event_type LowCardinality(String),
    unit_code LowCardinality(String),
    occurred_at DateTime64(6, 'UTC'),
    recorded_at DateTime64(6, 'UTC'),
    recorded_on Date DEFAULT toDate(recorded_at, 'Asia/Ho_Chi_Minh'),
    last_seen_at DateTime64(6, 'UTC'),
    outbox_count UInt32,
    oldest_unsent_at Nullable(DateTime64(6, 'UTC')),
    case_seq UInt64,
    release LowCardinality(String),
    landed_at DateTime64(3, 'UTC') DEFAULT now64(3),
    epoch UInt16,
    topic LowCardinality(String),
    partition UInt16,
    offset UInt64
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(recorded_on)
ORDER BY (unit_code, recorded_at, event_id, epoch, topic, partition, offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE VIEW IF NOT EXISTS source_facts AS
SELECT * FROM source_events FINAL LIMIT 1 BY event_id;
