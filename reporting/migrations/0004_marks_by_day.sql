-- Marks by the day: one row holds all the marks of a case that count on one day at one unit, as bits. Half the rows of
-- one row per mark, and a state that follows replaces a day whole.

DROP TABLE IF EXISTS case_marks;

-- Bit n of `marks` is the n-th name of reporting/cases/marks.py. `version` is twice the event's seq, and one more where the
-- case still counts: of what one event takes back and holds, what it holds stays. A row with `gone` takes a day back.
CREATE TABLE IF NOT EXISTS case_marks
(
    day Date,
    unit_code LowCardinality(String),
    case_key String,
    marks UInt16,
    field_code LowCardinality(String),
    channel LowCardinality(String),
    version UInt64,
    gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
PARTITION BY toYear(day)
ORDER BY (day, unit_code, case_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

-- The dates of cases pass through here and nothing stays: the view below writes the marks that follow. Landing puts in
-- the states of a batch, a rebuild those of all facts. A row with `former` is a state that an event names by
-- `previous`: it only takes back.
CREATE TABLE IF NOT EXISTS case_states
(
    case_key String,
    seq UInt64,
    unit_code LowCardinality(String),
    field_code LowCardinality(String),
    channel LowCardinality(String),
    submitted_on Date,
    received_on Nullable(Date),
    refused_on Nullable(Date),
    due_on Nullable(Date),
    closed_on Nullable(Date),
    close_kind LowCardinality(String),
    returned_on Nullable(Date),
    pause_from Array(Date),
    pause_to Array(Nullable(Date)),
    former Bool
)
ENGINE = Null;

-- The rule of tests/oracles/marks.py over columns; tests/services/test_mark_rows.py holds the two together.
-- `none` stands for a missing day, `never` for the end of a span that is open. Pauses are clipped to the life of the
-- case, merged where they touch, and walked through to find the first day that began overdue.
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
    case_key,
    if(former, 0, toUInt16(
        (day = submitted_on) + 2 * (day = received) + 4 * (day = refused) + ending * (day = closed)
        + 1024 * (day = returned) + 2048 * (day = overdue) + 8192 * has(spans.1, day) + 16384 * has(spans.2, day)
    )) AS marks,
    field_code,
    channel,
    2 * seq + NOT former AS version,
    former AS gone
FROM case_states;

-- What the facts put into `case_states`: the state of each event, and the former state where it names one.
CREATE VIEW IF NOT EXISTS case_fact_states AS
SELECT
    case_key, seq, unit_code, field_code, channel, submitted_on, received_on, refused_on, due_on, closed_on, close_kind,
    returned_on, pause_from, pause_to, false AS former, recorded_on, landed_at
FROM case_events
UNION ALL
SELECT
    case_key, seq, was.unit_code, was.field_code, was.channel, was.submitted_on, was.received_on, was.refused_on,
    was.due_on, was.closed_on, was.close_kind, was.returned_on, was.pauses.from_on, was.pauses.to_on, true AS former,
    recorded_on, landed_at
FROM
(
    SELECT
        case_key, seq, recorded_on, landed_at,
        JSONExtract(previous, 'Tuple(
            unit_code LowCardinality(String), field_code LowCardinality(String), channel LowCardinality(String),
            submitted_on Date, received_on Nullable(Date), refused_on Nullable(Date), due_on Nullable(Date),
            closed_on Nullable(Date), close_kind LowCardinality(String), returned_on Nullable(Date),
            pauses Array(Tuple(from_on Date, to_on Nullable(Date)))
        )') AS was
    FROM case_events
    WHERE previous != ''
);

INSERT INTO case_states SELECT * EXCEPT (recorded_on, landed_at) FROM case_fact_states;
