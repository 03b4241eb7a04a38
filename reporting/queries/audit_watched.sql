-- Until when the watch has had its time: the latest landing with at least `minutes` of landings after it. Null where
-- there is none. An installation that stood still lands nothing, so what fell due meanwhile is not held against it.
-- Facts of cases are too many to be read for it.
WITH landings AS
(
    {each fact table but of cases}
)
SELECT maxOrNull(landed_at) AS watched_until
FROM landings
WHERE landed_at <= (SELECT max(landed_at) FROM landings) - toIntervalMinute({minutes:UInt16})
