-- Sums of the roll-ups of a province's communes, a row for each day and each month, so that boards over the nation read 34
-- units in place of 3,321. A worker makes them and makes them anew (services/streams/province_sums.py), so they begin empty.
--
-- `made_of` is a checksum of the rows that were summed: of which units, and of which version each. A reader that finds
-- another one in the communes' rows reads those in place of the sum (reporting/queries/parts/sums_days.sql). So a sum that
-- is behind is not read. `unit_codes` are the communes that have a row.

CREATE TABLE IF NOT EXISTS province_days
(
    province_code LowCardinality(String),
    day Date,
    version UInt64,
    made_of UInt64,
    unit_codes Array(LowCardinality(String)),
    submitted UInt32,
    opened UInt32,
    refused UInt32,
    closed UInt32,
    closed_early UInt32,
    closed_on_time UInt32,
    closed_late UInt32,
    closed_undated UInt32,
    closed_withdrawn UInt32,
    closed_stopped UInt32,
    returned UInt32,
    overdue_in UInt32,
    overdue_out UInt32,
    paused_in UInt32,
    paused_out UInt32,
    groups Nested
    (
        field_code LowCardinality(String),
        channel LowCardinality(String),
        submitted UInt32,
        opened UInt32,
        refused UInt32,
        closed UInt32,
        closed_early UInt32,
        closed_on_time UInt32,
        closed_late UInt32,
        closed_undated UInt32,
        closed_withdrawn UInt32,
        closed_stopped UInt32,
        returned UInt32,
        overdue_in UInt32,
        overdue_out UInt32,
        paused_in UInt32,
        paused_out UInt32
    )
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (day, province_code)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE TABLE IF NOT EXISTS province_months
(
    province_code LowCardinality(String),
    month Date,
    version UInt64,
    made_of UInt64,
    unit_codes Array(LowCardinality(String)),
    submitted UInt32,
    opened UInt32,
    refused UInt32,
    closed UInt32,
    closed_early UInt32,
    closed_on_time UInt32,
    closed_late UInt32,
    closed_undated UInt32,
    closed_withdrawn UInt32,
    closed_stopped UInt32,
    returned UInt32,
    overdue_in UInt32,
    overdue_out UInt32,
    paused_in UInt32,
    paused_out UInt32,
    groups Nested
    (
        field_code LowCardinality(String),
        channel LowCardinality(String),
        submitted UInt32,
        opened UInt32,
        refused UInt32,
        closed UInt32,
        closed_early UInt32,
        closed_on_time UInt32,
        closed_late UInt32,
        closed_undated UInt32,
        closed_withdrawn UInt32,
        closed_stopped UInt32,
        returned UInt32,
        overdue_in UInt32,
        overdue_out UInt32,
        paused_in UInt32,
        paused_out UInt32
    )
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (month, province_code)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;
