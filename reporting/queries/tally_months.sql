-- Sum the days of some (unit, month) keys: one row per key.
-- {months} (first days) and {units} are parallel arrays; a rebuild puts a selection in the place of `touched`. {version}
-- is the engine's clock, read before this runs.
WITH touched AS
(
    SELECT key.1 AS month, key.2 AS unit_code
    FROM (SELECT arrayJoin(arrayZip({months:Array(Date)}, {units:Array(String)})) AS key)
)
SELECT
    unit_code,
    month,
    {version:UInt64} AS version,
    {marks: $mark},
    groups.1 AS `groups.field_code`,
    groups.2 AS `groups.channel`,
    {marks: tupleElement(groups, $bit + 3) AS `groups.$mark`}
FROM
(
    SELECT
        unit_code,
        month,
        {marks: sum(line.$mark) AS $mark},
        arraySort(groupArrayIf((field_code, channel, {marks: line.$mark}), is_counted)) AS groups
    FROM
    (
        SELECT
            unit_code, toStartOfMonth(day) AS month, field_code, channel, true AS is_counted, {marks: sum(of_$mark) AS $mark}
        FROM rollups_daily FINAL
        ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
        WHERE unit_code IN (SELECT unit_code FROM touched)
            AND day BETWEEN (SELECT min(month) FROM touched) AND (SELECT toLastDayOfMonth(max(month)) FROM touched)
            AND (unit_code, toStartOfMonth(day)) IN (SELECT unit_code, month FROM touched)
        GROUP BY unit_code, month, field_code, channel
        UNION ALL
        SELECT unit_code, month, '' AS field_code, '' AS channel, false AS is_counted, {marks: 0 AS $mark} FROM touched
    ) AS line
    GROUP BY unit_code, month
)
