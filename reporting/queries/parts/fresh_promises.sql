-- Villages and lessons share the topic.
SELECT max(recorded_at) AS newest, count() > 0 AS is_known
FROM
(
    SELECT source, recorded_at FROM promise_events
    UNION ALL
    SELECT source, recorded_at FROM lesson_events
)
WHERE splitByChar('/', toString(source))[4] IN {units:Array(String)}
