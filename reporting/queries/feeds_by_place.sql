-- Feeds of some units by place at the instant {at}: how many units have one that is heard, are silent or were never heard,
-- what waits there unsent, and for how many days at most. A place is a unit; where {provinces} names several, a province.
SELECT
    if(
        length(arrayDistinct({provinces:Array(String)})) > 1,
        transform(unit_code, {units:Array(String)}, {provinces:Array(String)}, ''),
        unit_code
    ) AS place_code,
    count() AS unit_count,
    countIf(feed.heard AND NOT feed.silent) AS heard_count,
    countIf(feed.heard AND feed.silent) AS silent_count,
    countIf(NOT feed.heard) AS never_count,
    sum(feed.outbox_count) AS outbox_count,
    maxOrNullIf(feed.last_seen_at, feed.heard) AS last_seen,
    toFloat64(maxOrNullIf(feed.waiting_days, feed.outbox_count > 0)) AS waiting_days
FROM (SELECT arrayJoin({units:Array(String)}) AS unit_code) AS unit
LEFT JOIN
(
    SELECT
        toString(unit_code) AS unit_code,
        last_seen_at,
        silent,
        outbox_count,
        dateDiff('day', ifNull(oldest_unsent_at, {at:DateTime64(6, 'UTC')}), {at:DateTime64(6, 'UTC')}) AS waiting_days,
        true AS heard
    FROM sources_current
    WHERE unit_code IN {units:Array(String)}
) AS feed USING (unit_code)
GROUP BY place_code
ORDER BY silent_count + never_count DESC, place_code
