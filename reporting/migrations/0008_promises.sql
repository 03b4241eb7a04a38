-- Facts about villages that lack signal, power or a fixed line. The register is small and is folded when it is read.
CREATE TABLE IF NOT EXISTS promise_events
(
    event_id UUID,
    event_type LowCardinality(String),
    source LowCardinality(String),
    spot_id UUID,
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
ORDER BY (spot_id, recorded_at, event_id, epoch, topic, partition, offset)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE VIEW IF NOT EXISTS promise_facts AS
SELECT * FROM promise_events FINAL ORDER BY epoch, topic, partition, offset LIMIT 1 BY event_id;
