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
    {marks: $mark},
    groups.1 AS `groups.field_code`,
    groups.2 AS `groups.channel`,
    {marks: tupleElement(groups, $bit + 3) AS `groups.$mark`}
FROM
(
    SELECT
        unit_code,
        day,
        {marks: sum(line.$mark) AS $mark},
        arraySort(groupArrayIf((field_code, channel, {marks: line.$mark}), is_counted)) AS groups
    FROM
    (
        SELECT unit_code, day, field_code, channel, true AS is_counted, {marks: countIf(bitTest(marks, $bit)) AS $mark}
        FROM case_marks FINAL
        WHERE (day, unit_code) IN (SELECT day, unit_code FROM touched)
        GROUP BY unit_code, day, field_code, channel
        UNION ALL
        SELECT unit_code, day, '' AS field_code, '' AS channel, false AS is_counted, {marks: 0 AS $mark} FROM touched
    ) AS line
    GROUP BY unit_code, day
)
