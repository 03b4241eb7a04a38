SELECT max(recorded_at) AS newest, count() > 0 AS is_known
FROM period_events
WHERE splitByChar('/', toString(source))[4] IN {units:Array(String)}
