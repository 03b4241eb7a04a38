-- How many of some days that are over are of each kind of silence, by unit; the kinds of a unit add up to its days.
SELECT
    unit_code,
    countIf(kind = 'source_broken') AS source_broken,
    countIf(kind = 'stuck_outbox') AS stuck_outbox,
    countIf(kind = 'known_outage') AS known_outage,
    countIf(kind = 'not_reported') AS not_reported,
    countIf(kind = 'true_zero') AS true_zero,
    countIf(kind = 'reported') AS reported,
    source_broken + stuck_outbox + known_outage + not_reported AS unknown_days,
    count() AS day_count
FROM
(
    SELECT unit_code, {kind of silence} AS kind
    FROM
    (
        {silence days}
    )
)
GROUP BY unit_code
ORDER BY unknown_days DESC, unit_code
