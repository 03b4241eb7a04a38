-- The lessons of digital literacy of some units, a line each, as they were recorded last: what the register folds
-- (reporting/lessons/register.py). A struck one is none, and only the commune itself records its own.
SELECT
    splitByChar('/', toString(any(source)))[4] AS unit_code,
    argMax(toString(event_type), (epoch, topic, partition, offset)) AS last_type,
    argMaxIf(body, (epoch, topic, partition, offset), event_type = 'lesson.held') AS said,
    toDate(JSONExtractString(said, 'data', 'held_on')) AS held_on,
    JSONExtractUInt(said, 'data', 'people_count') AS people_count,
    JSONExtract(said, 'data', 'confirmed_count', 'Nullable(UInt32)') AS confirmed_count
FROM lesson_facts
WHERE splitByChar('/', toString(source))[4] IN {units:Array(String)}
    AND actor_unit = splitByChar('/', toString(source))[4]
    AND (event_type != 'lesson.held' OR toDate(JSONExtractString(body, 'data', 'held_on')) <= recorded_on)
GROUP BY lesson_id
HAVING last_type = 'lesson.held'
