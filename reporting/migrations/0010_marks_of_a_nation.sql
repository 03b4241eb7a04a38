-- Marks for a nation: the key of a case as 32 bytes instead of 64 characters, and an index entry for every 512 rows. A
-- recount reads the marks of some hundred (unit, day) keys, each of some hundred rows, so what it reads beside them counts.
-- The marks move by way of a second table. Every statement may run again after a crash: where the marks are in the new
-- form already they stay as they are, and `case_marks` is dropped only after all of its rows are in the other table.

DROP VIEW IF EXISTS case_states_to_marks;

CREATE TABLE IF NOT EXISTS case_marks_moving
(
    day Date,
    unit_code LowCardinality(String),
    case_key FixedString(32),
    marks UInt16,
    field_code LowCardinality(String),
    channel LowCardinality(String),
    version UInt64,
    gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
PARTITION BY toYear(day)
ORDER BY (day, unit_code, case_key)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE TABLE IF NOT EXISTS case_marks
(
    day Date,
    unit_code LowCardinality(String),
    case_key FixedString(32),
    marks UInt16,
    field_code LowCardinality(String),
    channel LowCardinality(String),
    version UInt64,
    gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
PARTITION BY toYear(day)
ORDER BY (day, unit_code, case_key)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

INSERT INTO case_marks_moving
SELECT day, unit_code, if(length(case_key) = 64, unhex(case_key), toString(case_key)), marks, field_code, channel, version, gone
FROM case_marks;

DROP TABLE IF EXISTS case_marks SYNC;

CREATE TABLE IF NOT EXISTS case_marks
(
    day Date,
    unit_code LowCardinality(String),
    case_key FixedString(32),
    marks UInt16,
    field_code LowCardinality(String),
    channel LowCardinality(String),
    version UInt64,
    gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
PARTITION BY toYear(day)
ORDER BY (day, unit_code, case_key)
SETTINGS index_granularity = 512, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

INSERT INTO case_marks
SELECT day, unit_code, case_key, marks, field_code, channel, version, gone FROM case_marks_moving;

DROP TABLE IF EXISTS case_marks_moving SYNC;

-- The view of 0004, which explains it; only the key is new.
CREATE MATERIALIZED VIEW IF NOT EXISTS case_states_to_marks TO case_marks AS
WITH
    toDate(0) AS none,
    toDate('2149-06-06') AS never,
    ifNull(received_on, none) AS received,
    ifNull(refused_on, none) AS refused,
    ifNull(returned_on, none) AS returned,
    ifNull(closed_on, none) AS closed,
    if(closed = none, never, closed) AS ended,
    arraySort(arrayFilter(
        span -> received != none AND span.2 > span.1,
        arrayMap((a, b) -> (greatest(a, received), least(ifNull(b, never), ended)), pause_from, pause_to)
    )) AS clipped,
    arrayFold(
        (merged, span) -> if(
            notEmpty(merged) AND merged[-1].2 >= span.1,
            arrayPushBack(arrayPopBack(merged), (merged[-1].1, greatest(merged[-1].2, span.2))),
            arrayPushBack(merged, span)
        ),
        clipped,
        CAST([], 'Array(Tuple(Date, Date))')
    ) AS spans,
    arrayFold(
        (first, span) -> if(span.1 < first AND span.2 >= first, if(span.2 = never, never, span.2 + 1), first),
        spans,
        greatest(ifNull(due_on, none) + 1, received)
    ) AS past_due,
    if(received != none AND isNotNull(due_on) AND past_due != never AND past_due <= ended, past_due, none) AS overdue,
    8 + multiIf(
        close_kind = 'withdrawn', 256,
        close_kind = 'stopped', 512,
        isNull(due_on), 128,
        overdue != none, 64,
        closed < assumeNotNull(due_on), 16,
        32
    ) + if(overdue != none, 4096, 0) AS ending
SELECT
    arrayJoin(arrayDistinct(arrayFilter(
        one -> one != none AND one != never,
        arrayConcat([submitted_on, received, refused, returned, closed, overdue], spans.1, spans.2)
    ))) AS day,
    unit_code,
    unhex(case_key) AS case_key,
    if(former, 0, toUInt16(
        (day = submitted_on) + 2 * (day = received) + 4 * (day = refused) + ending * (day = closed)
        + 1024 * (day = returned) + 2048 * (day = overdue) + 8192 * has(spans.1, day) + 16384 * has(spans.2, day)
    )) AS marks,
    field_code,
    channel,
    2 * seq + NOT former AS version,
    former AS gone
FROM case_states;

-- Roll-ups that are counted apart from the batch that touched them (services/streams/due_recounts.py): noted when they
-- fall due, marked when they were counted. `at` is the engine's clock, of a note the instant at which its insert began.
CREATE TABLE IF NOT EXISTS recounts_due
(
    span LowCardinality(String),
    starts_on Date,
    unit_code LowCardinality(String),
    counted Bool,
    at UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)),
    INDEX at_once at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (span, starts_on, unit_code, counted)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;
