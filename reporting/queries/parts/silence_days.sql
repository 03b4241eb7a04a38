-- Units and days that are over, and what is known of each.
-- {quiet_before}: for each day the instant before which a last sign of life makes a feed quiet at its end.
-- {days_off}: days on which no office works. {outage_kinds}: kinds of difficulty whose confirmed fault excuses reports.
WITH fault AS
(
    SELECT
        arrayMap(one -> toString(one), fault_unit_codes) AS units,
        toDate(began_at, 'Asia/Ho_Chi_Minh') AS first_on,
        toDate(ifNull(cleared_at, toDateTime64('2099-01-01 00:00:00', 6, 'UTC')), 'Asia/Ho_Chi_Minh') AS last_on
    FROM issues_current FINAL
    ARRAY JOIN fault_units AS fault_unit_codes, fault_began_at AS began_at, fault_cleared_at AS cleared_at
    WHERE kind IN {outage_kinds:Array(String)}
)
SELECT
    unit_code,
    day,
    has(figures.days, day) AS has_figures,
    feed.waits AND feed.waits_from <= day AS letters_wait,
    arrayExists(
        (units, first_on, last_on) -> (has(units, unit_code) OR has(units, province_code)) AND first_on <= day AND last_on >= day,
        (SELECT groupArray(units) FROM fault),
        (SELECT groupArray(first_on) FROM fault),
        (SELECT groupArray(last_on) FROM fault)
    ) AS in_outage,
    NOT notEmpty(feed.days) OR feed.days[1] > day AS never_heard,
    NOT never_heard AND arrayMax(arrayFilter((at, on) -> on <= day, feed.last_at, feed.days)) < quiet_before AS quiet,
    NOT notEmpty(figures.days) OR figures.days[1] > day AS no_figures_ever,
    has(feed.days, day) AS heard_that_day,
    false AS day_runs,
    has({days_off:Array(Date)}, day) AS day_off
FROM
(
    SELECT place.1 AS unit_code, place.2 AS province_code, span.1 AS day, span.2 AS quiet_before
    FROM (SELECT arrayJoin(arrayZip({units:Array(String)}, {provinces:Array(String)})) AS place) AS places
    CROSS JOIN
    (
        SELECT arrayJoin(arrayZip({days:Array(Date)}, {quiet_before:Array(DateTime64(6, 'UTC'))})) AS span
    ) AS spans
) AS one
LEFT JOIN
(
    SELECT
        unit_code,
        arraySort(groupArray(on_day)) AS days,
        arraySort(groupArray(last_on_day)) AS last_at,
        any(waiting.1) AS waits,
        any(waiting.2) AS waits_from
    FROM
    (
        SELECT
            toString(unit_code) AS unit_code,
            toDate(last_seen_at, 'Asia/Ho_Chi_Minh') AS on_day,
            max(last_seen_at) AS last_on_day
        FROM source_events
        WHERE event_type = 'source.heartbeat' AND unit_code IN {units:Array(String)}
        GROUP BY unit_code, on_day
    ) AS beat
    LEFT JOIN
    (
        SELECT
            toString(unit_code) AS unit_code,
            (
                outbox_count > 0
                    AND dateDiff('minute', ifNull(oldest_unsent_at, last_seen_at), last_seen_at) >= {letters_stuck:UInt32},
                toDate(ifNull(oldest_unsent_at, last_seen_at), 'Asia/Ho_Chi_Minh')
            ) AS waiting
        FROM sources_current
        WHERE unit_code IN {units:Array(String)}
    ) AS outbox USING (unit_code)
    GROUP BY unit_code
) AS feed USING (unit_code)
LEFT JOIN
(
    SELECT toString(unit_code) AS unit_code, arraySort(groupArray(day)) AS days
    FROM rollups_daily FINAL
    WHERE unit_code IN {units:Array(String)} AND arraySum([{marks: if(startsWith('$mark', 'overdue'), 0, $mark)}]) > 0
    GROUP BY unit_code
) AS figures USING (unit_code)
