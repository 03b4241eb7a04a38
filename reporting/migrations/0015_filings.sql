-- Facts about the periods of communes: confirmed, accepted, closed, opened again. Filings are folded when they are read.
CREATE TABLE IF NOT EXISTS period_events
(
    event_id UUID,
    event_type LowCardinality(String),
    source LowCardinality(String),
    filing_id UUID,
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
ORDER BY (filing_id, recorded_at, event_id, epoch, topic, partition, offset)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE VIEW IF NOT EXISTS period_facts AS
SELECT * FROM period_events FINAL ORDER BY epoch, topic, partition, offset LIMIT 1 BY event_id;

DROP VIEW IF EXISTS landed;

-- The view of 0009, with the facts about periods.
CREATE VIEW IF NOT EXISTS landed AS
SELECT epoch, toString(topic) AS topic, partition, offset FROM case_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM issue_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM problem_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM promise_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM period_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM source_events;
