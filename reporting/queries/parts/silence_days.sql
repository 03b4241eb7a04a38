-- Units and days that are over, and what is known of each.
-- {quiet_before}: for each day the instant before which a last sign of life makes a feed quiet at its end.
-- {days_off}: days on which no office works. {outage_kinds}: kinds of difficulty whose confirmed fault excuses reports.
WITH (SELECT groupArray((units, first_on, last_on, mended_at)) FROM ({silence faults})) AS faults
SELECT
    unit_code,
    day,
    has(figures.days, day) AS has_figures,
    arrayExists((first_on, left_on) -> first_on <= day AND left_on > day, stuck.first_on, stuck.left_on) AS letters_wait,
    arrayExists(
        one -> (has(one.1, unit_code) OR has(one.1, province_code)) AND one.2 <= day AND one.3 >= day, faults
    ) AS in_outage,
    NOT notEmpty(feed.days) OR feed.days[1] > day AS never_heard,
    NOT never_heard
        AND greatest(
            arrayMax(arrayFilter((at, on) -> on <= day, feed.last_at, feed.days)),
            arrayMax(
                arrayPushFront(
                    arrayMap(
                        one ->
                            if((has(one.1, unit_code) OR has(one.1, province_code)) AND one.3 <= day, one.4, toDateTime64(0, 6, 'UTC')),
                        faults
                    ),
                    toDateTime64(0, 6, 'UTC')
                )
            )
        ) < quiet_before AS quiet,
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
    SELECT unit_code, arraySort(groupArray(on_day)) AS days, arraySort(groupArray(last_on_day)) AS last_at
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
    GROUP BY unit_code
) AS feed USING (unit_code)
LEFT JOIN
(
    -- A heartbeat leaves in the order of the outbox that it counted: what it says was the oldest waited until it landed. Facts
    -- that are read from the log again land again, so it is not believed beyond the unit's next heartbeat, which says for itself.
    SELECT
        unit_code,
        groupArray(toDate(unsent_since, 'Asia/Ho_Chi_Minh')) AS first_on,
        groupArray(toDate(left_at, 'Asia/Ho_Chi_Minh')) AS left_on
    FROM
    (
        SELECT
            unit_code,
            waiting,
            unsent_since,
            least(first_landed_at, leadInFrame(said_at, 1, first_landed_at) OVER in_order) AS left_at
        FROM
        (
            SELECT
                toString(unit_code) AS unit_code,
                min(recorded_at) AS said_at,
                max(outbox_count) AS waiting,
                min(ifNull(oldest_unsent_at, last_seen_at)) AS unsent_since,
                toDateTime64(min(landed_at), 6, 'UTC') AS first_landed_at
            FROM source_events
            WHERE event_type = 'source.heartbeat' AND unit_code IN {units:Array(String)}
            GROUP BY unit_code, event_id
        ) AS beat
        WINDOW in_order AS (PARTITION BY unit_code ORDER BY said_at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ) AS said
    WHERE waiting > 0 AND dateDiff('minute', unsent_since, left_at) >= {letters_stuck:UInt32}
    GROUP BY unit_code
) AS stuck USING (unit_code)
LEFT JOIN
(
    SELECT toString(unit_code) AS unit_code, arraySort(groupArray(day)) AS days
    FROM rollups_daily FINAL
    WHERE unit_code IN {units:Array(String)} AND arraySum([{marks: if(startsWith('$mark', 'overdue'), 0, $mark)}]) > 0
    GROUP BY unit_code
) AS figures USING (unit_code)
