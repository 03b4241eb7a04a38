-- The figures with which communes closed their periods, for boards that no service draws: the filings themselves are facts
-- whose bodies such a board may not read. `liencap migrate` writes those that are there already.
CREATE TABLE IF NOT EXISTS closed_figures
(
    unit_code LowCardinality(String),
    period LowCardinality(String),
    first_on Date,
    last_on Date,
    confirmed_at DateTime64(6, 'UTC'),
    field_code LowCardinality(String),
    channel LowCardinality(String),
    submitted UInt32,
    received UInt32,
    refused UInt32,
    resolved UInt32,
    resolved_early UInt32,
    resolved_on_time UInt32,
    resolved_late UInt32,
    resolved_undated UInt32,
    withdrawn UInt32,
    stopped UInt32,
    returned UInt32,
    became_overdue UInt32,
    carried_over UInt32,
    open UInt32,
    overdue UInt32,
    paused UInt32,
    version UInt64,
    gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
ORDER BY (unit_code, period, field_code, channel)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;
