-- The units among some whose feed is silent or was never heard, the longest silent first, at the instant {at}.
SELECT
    unit_code,
    if(feed.heard, 'silent', 'never') AS state,
    if(feed.heard, toNullable(feed.last_seen_at), NULL) AS last_seen_at,
    if(feed.heard, toNullable(dateDiff('day', feed.last_seen_at, {at:DateTime64(6, 'UTC')})), NULL) AS quiet_days,
    feed.outbox_count AS outbox_count
FROM (SELECT arrayJoin({units:Array(String)}) AS unit_code) AS unit
LEFT JOIN
(
    SELECT toString(unit_code) AS unit_code, last_seen_at, silent, outbox_count, true AS heard
    FROM sources_current
    WHERE unit_code IN {units:Array(String)}
) AS feed USING (unit_code)
WHERE NOT feed.heard OR feed.silent
ORDER BY quiet_days DESC NULLS LAST, unit_code
