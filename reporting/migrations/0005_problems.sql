-- Facts about problems: one cause shared by several issues.
CREATE TABLE IF NOT EXISTS problem_events
(
    event_id UUID,
    event_type LowCardinality(String),
    source LowCardinality(String),
    problem_id UUID,
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
ORDER BY (problem_id, recorded_at, event_id, epoch, topic, partition, offset)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE VIEW IF NOT EXISTS problem_facts AS
SELECT * FROM problem_events FINAL ORDER BY epoch, topic, partition, offset LIMIT 1 BY event_id;

-- One problem, one row. How many of its communes confirmed is counted from the issues, never kept here.
CREATE TABLE IF NOT EXISTS problems_current
(
    problem_id UUID,
    scope LowCardinality(String),
    kind LowCardinality(String),
    lead_body LowCardinality(String),
    state LowCardinality(String),
    opened_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC'),
    version UInt32,
    member_ids Array(UUID),
    member_units Array(LowCardinality(String)),
    member_provinces Array(LowCardinality(String)),
    answer_count UInt16,
    body String,
    epoch UInt16,
    topic LowCardinality(String),
    partition UInt16,
    offset UInt64,
    row_version UInt64
)
ENGINE = ReplacingMergeTree(row_version)
ORDER BY problem_id
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

-- Which problem an issue belongs to, and how far the problem's answer has come at its place:
-- joined, answered (to be noted), claimed (to be confirmed), confirmed or disputed. Nil and empty: to none.
ALTER TABLE issues_current ADD COLUMN IF NOT EXISTS problem_id UUID AFTER clock_sources;
ALTER TABLE issues_current ADD COLUMN IF NOT EXISTS problem_mark LowCardinality(String) AFTER problem_id;
