-- How long reports were on their way, from when they were written on the device to when they were recorded, of what was
-- recorded from {from} to {to}; {units} and {groups} are parallel arrays. A device whose clock is off by {device_clock_off}
-- days says nothing about the way: its reports are counted apart. Units of which everything came within the hour are one
-- row together, without a code.
SELECT
    if(delayed_count > 0 OR length({units:Array(String)}) = 1, group_of, '') AS group_code,
    countIf(NOT is_off) AS report_count,
    quantileExactInclusiveOrNullIf(0.5)(seconds / 60, NOT is_off) AS median_minutes,
    quantileExactInclusiveOrNullIf(0.9)(seconds / 60, NOT is_off) AS ninth_minutes,
    countIf(NOT is_off AND seconds > 3600) AS hour_count,
    countIf(NOT is_off AND seconds > 86400) AS day_count,
    countIf(is_off) AS off_count
FROM
(
    SELECT *, countIf(is_off OR seconds > 3600) OVER (PARTITION BY group_of) AS delayed_count
    FROM
    (
        SELECT
            splitByChar('/', toString(source))[4] AS unit_code,
            transform(unit_code, {units:Array(String)}, {groups:Array(String)}, '') AS group_of,
            greatest(dateDiff('second', occurred_at, recorded_at), 0) AS seconds,
            seconds > {device_clock_off:UInt32} * 86400 AS is_off
        FROM issue_events
        WHERE event_type = 'issue.reported'
            AND recorded_on BETWEEN {from:Date} AND {to:Date}
            AND splitByChar('/', toString(source))[4] IN {units:Array(String)}
        LIMIT 1 BY event_id
    )
)
GROUP BY group_code
ORDER BY group_code = '', hour_count DESC, report_count DESC, group_code
