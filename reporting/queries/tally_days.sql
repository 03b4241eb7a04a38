-- Recount the marks of some (unit, day) keys: one row per key, an empty one where nothing is left.
-- {days} and {units} are parallel arrays of the keys; a rebuild puts a selection in the place of `touched`. {version} is
-- the engine's clock, read before this runs.
WITH touched AS
(
    SELECT key.1 AS day, key.2 AS unit_code
    FROM (SELECT arrayJoin(arrayZip({days:Array(Date)}, {units:Array(String)})) AS key)
)
SELECT
    unit_code,
    day,
    {version:UInt64} AS version,
    {marks: sum(n[$bit + 1]) AS $mark},
    mapFromArrays(groupArrayArray(names), groupArrayArray(counted)) AS counts
FROM
(
    SELECT
        unit_code,
        day,
        [{marks: toInt64(countIf(bitTest(marks, $bit)))}] AS n,
        [{marks: '$mark'}] AS marked,
        arrayMap(mark -> concat(field_code, '|', channel, '|', mark), arrayFilter((mark, k) -> k > 0, marked, n)) AS names,
        arrayFilter(k -> k > 0, n) AS counted
    FROM case_marks FINAL
    WHERE (day, unit_code) IN (SELECT day, unit_code FROM touched)
    GROUP BY unit_code, day, field_code, channel
    UNION ALL
    SELECT unit_code, day, [] AS n, [] AS marked, [] AS names, [] AS counted FROM touched
)
GROUP BY unit_code, day
