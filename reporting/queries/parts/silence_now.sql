-- Each of some units at the instant {at}: what is known of its running day, and which kind of silence that makes
-- (reporting/silence.py). Whether a feed is quiet is what the watch said last. A heartbeat leaves through the outbox that it
-- counted, in the order of its rows: where it has landed, all of that has left, so no unit is known to be stuck now.
WITH (SELECT groupArray((units, first_on, last_on)) FROM ({silence faults})) AS faults
SELECT
    unit_code,
    {kind of silence} AS kind,
    {basis of silence} AS basis,
    if(never_heard, NULL, toNullable(seen_at)) AS last_seen_at,
    if(never_heard, NULL, toNullable(dateDiff('day', toDate(seen_at, 'Asia/Ho_Chi_Minh'), today))) AS quiet_days
FROM
(
    SELECT
        unit_code,
        toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh') AS today,
        feed.seen_at AS seen_at,
        figures.has_figures AS has_figures,
        false AS letters_wait,
        arrayExists(
            one -> (has(one.1, unit_code) OR has(one.1, province_code)) AND one.2 <= today AND one.3 >= today, faults
        ) AS in_outage,
        NOT feed.heard AS never_heard,
        feed.silent AS quiet,
        NOT before.has_figures AS no_figures_ever,
        toDate(feed.seen_at, 'Asia/Ho_Chi_Minh') = today AS heard_that_day,
        true AS day_runs,
        false AS day_off
    FROM
    (
        SELECT place.1 AS unit_code, place.2 AS province_code
        FROM (SELECT arrayJoin(arrayZip({units:Array(String)}, {provinces:Array(String)})) AS place) AS places
    ) AS unit
    LEFT JOIN
    (
        SELECT toString(unit_code) AS unit_code, last_seen_at AS seen_at, silent, true AS heard
        FROM sources_current
        WHERE unit_code IN {units:Array(String)}
    ) AS feed USING (unit_code)
    LEFT JOIN
    (
        SELECT toString(unit_code) AS unit_code, true AS has_figures
        FROM rollups_daily FINAL
        WHERE unit_code IN {units:Array(String)}
            AND day = toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh')
            AND arraySum([{marks: if(startsWith('$mark', 'overdue'), 0, $mark)}]) > 0
    ) AS figures USING (unit_code)
    LEFT JOIN
    (
        SELECT DISTINCT toString(unit_code) AS unit_code, true AS has_figures
        FROM rollups_monthly FINAL
        WHERE unit_code IN {units:Array(String)} AND arraySum([{marks: if(startsWith('$mark', 'overdue'), 0, $mark)}]) > 0
    ) AS before USING (unit_code)
)
