-- Up to when the register of villages has landed for some units, if there is any, and of how many units it has villages.
SELECT
    max(recorded_at) AS as_of,
    count() > 0 AS is_known,
    uniqExactIf(splitByChar('/', toString(source))[4], event_type = 'promise.listed') AS unit_count
FROM promise_events
WHERE splitByChar('/', toString(source))[4] IN {units:Array(String)}
