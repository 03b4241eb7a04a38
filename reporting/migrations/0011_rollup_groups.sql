-- Roll-ups with typed groups in place of a map of texts, months before units in the order of the days, and numbers of
-- 32 bits: each counts cases of one unit, and 4.29 billion are twice what the whole country makes in five years. Sums
-- over units and days are of 64 bits, differences have a sign: the engine widens both.
--
-- Both tables are functions of the marks, so they are made anew and counted from them; the engine spills to disk what
-- does not fit. A second run begins again.

DROP TABLE IF EXISTS rollups_daily;
DROP TABLE IF EXISTS rollups_monthly;

-- One row per unit and day. `groups` holds the same numbers by field and channel, sorted; a group that vanished
-- vanishes with the row that replaces this one. The version is the engine's clock before the recount.
CREATE TABLE IF NOT EXISTS rollups_daily
(
    unit_code LowCardinality(String),
    day Date,
    version UInt64,
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
ORDER BY (toStartOfMonth(day), unit_code, day)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

-- The same numbers per month, so that a window sums whole months and days only at its ends.
CREATE TABLE IF NOT EXISTS rollups_monthly
(
    unit_code LowCardinality(String),
    month Date,
    version UInt64,
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
ORDER BY (month, unit_code)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

INSERT INTO rollups_daily
SELECT
    unit_code, day, toUnixTimestamp64Nano(now64(9)) AS version,
    total[1], total[2], total[3], total[4], total[5], total[6], total[7], total[8], total[9], total[10], total[11],
    total[12], total[13], total[14], total[15],
    groups.1, groups.2,
    arrayMap(one -> one.3[1], groups),
    arrayMap(one -> one.3[2], groups),
    arrayMap(one -> one.3[3], groups),
    arrayMap(one -> one.3[4], groups),
    arrayMap(one -> one.3[5], groups),
    arrayMap(one -> one.3[6], groups),
    arrayMap(one -> one.3[7], groups),
    arrayMap(one -> one.3[8], groups),
    arrayMap(one -> one.3[9], groups),
    arrayMap(one -> one.3[10], groups),
    arrayMap(one -> one.3[11], groups),
    arrayMap(one -> one.3[12], groups),
    arrayMap(one -> one.3[13], groups),
    arrayMap(one -> one.3[14], groups),
    arrayMap(one -> one.3[15], groups)
FROM
(
    SELECT unit_code, day, sumForEach(n) AS total, arraySort(groupArray((field_code, channel, n))) AS groups
    FROM
    (
        SELECT
            unit_code, day, field_code, channel, sumForEach(arrayMap(bit -> bitTest(marks, bit), range(15))) AS n
        FROM case_marks FINAL
        GROUP BY day, unit_code, field_code, channel
    )
    GROUP BY unit_code, day
)
SETTINGS optimize_aggregation_in_order = 1, max_bytes_before_external_group_by = 200000000;

INSERT INTO rollups_monthly
SELECT
    unit_code, month, toUnixTimestamp64Nano(now64(9)) AS version,
    total[1], total[2], total[3], total[4], total[5], total[6], total[7], total[8], total[9], total[10], total[11],
    total[12], total[13], total[14], total[15],
    groups.1, groups.2,
    arrayMap(one -> one.3[1], groups),
    arrayMap(one -> one.3[2], groups),
    arrayMap(one -> one.3[3], groups),
    arrayMap(one -> one.3[4], groups),
    arrayMap(one -> one.3[5], groups),
    arrayMap(one -> one.3[6], groups),
    arrayMap(one -> one.3[7], groups),
    arrayMap(one -> one.3[8], groups),
    arrayMap(one -> one.3[9], groups),
    arrayMap(one -> one.3[10], groups),
    arrayMap(one -> one.3[11], groups),
    arrayMap(one -> one.3[12], groups),
    arrayMap(one -> one.3[13], groups),
    arrayMap(one -> one.3[14], groups),
    arrayMap(one -> one.3[15], groups)
FROM
(
    SELECT unit_code, month, sumForEach(n) AS total, arraySort(groupArray((field_code, channel, n))) AS groups
    FROM
    (
        SELECT
            unit_code, toStartOfMonth(day) AS month, field_code, channel,
            sumForEach([
                of_submitted, of_opened, of_refused, of_closed, of_closed_early, of_closed_on_time, of_closed_late,
                of_closed_undated, of_closed_withdrawn, of_closed_stopped, of_returned, of_overdue_in,
                of_overdue_out, of_paused_in, of_paused_out
            ]) AS n
        FROM rollups_daily FINAL
        ARRAY JOIN
            groups.field_code AS field_code, groups.channel AS channel,
            groups.submitted AS of_submitted, groups.opened AS of_opened, groups.refused AS of_refused,
            groups.closed AS of_closed, groups.closed_early AS of_closed_early, groups.closed_on_time AS
            of_closed_on_time, groups.closed_late AS of_closed_late, groups.closed_undated AS of_closed_undated,
            groups.closed_withdrawn AS of_closed_withdrawn, groups.closed_stopped AS of_closed_stopped,
            groups.returned AS of_returned, groups.overdue_in AS of_overdue_in, groups.overdue_out AS
            of_overdue_out, groups.paused_in AS of_paused_in, groups.paused_out AS of_paused_out
        GROUP BY month, unit_code, field_code, channel
    )
    GROUP BY unit_code, month
)
SETTINGS max_bytes_before_external_group_by = 200000000;
