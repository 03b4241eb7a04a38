-- Where and when a record was set aside, and why, copied from the dead letters of the log, which keep the record itself:
-- boards and alerts read the warehouse alone. No key, no message, no bytes: they may name somebody.
CREATE TABLE IF NOT EXISTS dead_letters
(
    topic LowCardinality(String),
    epoch UInt16,
    partition UInt16,
    offset UInt64,
    number UInt64,
    reason LowCardinality(String),
    consumer_group LowCardinality(String),
    first_seen_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, epoch, partition, offset, number)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;
