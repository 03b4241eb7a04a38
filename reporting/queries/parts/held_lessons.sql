-- The lessons of digital literacy of some units, a line each, as they were recorded last: what the register folds
-- (reporting/lessons/register.py). A struck one is none, and only the commune itself records its own.
SELECT
    toString(actor_unit) AS unit_code,
    argMax(toString(event_type), (epoch, topic, partition, offset)) AS last_type,
    argMaxIf(body, (epoch, topic, partition, offset), event_type = 'lesson.held') AS said,
    toDate(JSONExtractString(said, 'data', 'held_on')) AS held_on,
    JSONExtractUInt(said, 'data', 'people_count') AS people_count,
    JSONExtract(said, 'data', 'confirmed_count', 'Nullable(UInt32)') AS confirmed_count
FROM lesson_facts
WHERE actor_unit IN {units:Array(String)}
    AND actor_unit = splitByChar('/', toString(source))[-1]
    AND actor_role IN ('commune_officer', 'commune_chair', 'commune_clerk')
    AND (
        event_type = 'lesson.struck'
        OR JSONExtractString(body, 'data', 'unit_code') = actor_unit
        AND toDate(JSONExtractString(body, 'data', 'held_on')) <= recorded_on
    )
GROUP BY lesson_id, unit_code
HAVING last_type = 'lesson.held'
