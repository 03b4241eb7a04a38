-- Each of some units at the instant {at}: what is known of its running day, and which kind of silence that makes
-- (reporting/silence.py). Whether a feed is quiet or excused is what the watch said last.
SELECT
    unit_code,
    {kind of silence} AS kind,
    {basis of silence} AS basis,
    if(never_heard, NULL, toNullable(seen_at)) AS last_seen_at,
    if(never_heard, NULL, toNullable(dateDiff('day', seen_at, {at:DateTime64(6, 'UTC')}))) AS quiet_days,
    outbox_count,
    if(outbox_count > 0, dateDiff('day', ifNull(unsent_since, {at:DateTime64(6, 'UTC')}), {at:DateTime64(6, 'UTC')}), NULL)
        AS waiting_days
FROM
(
    SELECT
        unit_code,
        feed.seen_at AS seen_at,
        feed.outbox_count AS outbox_count,
        feed.unsent_since AS unsent_since,
        figures.has_figures AS has_figures,
        feed.outbox_count > 0 AND dateDiff('minute', ifNull(feed.unsent_since, feed.seen_at), feed.seen_at) >= {letters_stuck:UInt32}
            AS letters_wait,
        feed.excused AS in_outage,
        NOT feed.heard AS never_heard,
        feed.silent AS quiet,
        NOT before.has_figures AS no_figures_ever,
        toDate(feed.seen_at, 'Asia/Ho_Chi_Minh') = toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh') AS heard_that_day,
        true AS day_runs,
        false AS day_off
    FROM (SELECT arrayJoin({units:Array(String)}) AS unit_code) AS unit
    LEFT JOIN
    (
        SELECT
            toString(unit_code) AS unit_code,
            last_seen_at AS seen_at,
            outbox_count,
            oldest_unsent_at AS unsent_since,
            silent,
            unit_code IN
            (
                SELECT unit_code
                FROM source_states FINAL
                GROUP BY unit_code
                HAVING argMaxIf(event_type, version, aspect = 'silence') = 'source.excused'
                    AND maxIf(version, aspect = 'silence') > maxIf(version, aspect = 'heartbeat')
            ) AS excused,
            true AS heard
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
        FROM rollups_monthly
        WHERE unit_code IN {units:Array(String)}
    ) AS before USING (unit_code)
)
