-- Feeds of some units by place at the instant {at}: how many units are of each kind of silence on the running day.
-- A place is a unit; where {provinces} names several, a province.
SELECT
    if(
        length(arrayDistinct({provinces:Array(String)})) > 1,
        transform(unit_code, {units:Array(String)}, {provinces:Array(String)}, ''),
        unit_code
    ) AS place_code,
    count() AS unit_count,
    countIf(kind IN ('reported', 'true_zero')) AS heard_count,
    countIf(kind = 'source_broken') AS silent_count,
    countIf(kind = 'known_outage') AS outage_count,
    countIf(kind = 'not_reported') AS never_count,
    max(last_seen_at) AS last_seen
FROM
(
    {silence now}
)
GROUP BY place_code
ORDER BY unit_count - heard_count DESC, place_code
