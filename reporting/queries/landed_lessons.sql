-- Up to when the register of lessons has landed for some units, if there is any, and of how many units it has lessons.
SELECT
    max(recorded_at) AS as_of,
    count() > 0 AS is_known,
    uniqExactIf(splitByChar('/', toString(source))[4], event_type = 'lesson.held') AS unit_count
FROM lesson_events
WHERE splitByChar('/', toString(source))[4] IN {units:Array(String)}
