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
    toStartOfMonth(day) AS month,
    {version:UInt64} AS version,
    {marks: sum(daily.$mark) AS $mark},
    sumMap(daily.counts) AS counts
FROM rollups_daily AS daily FINAL
WHERE unit_code IN (SELECT unit_code FROM touched)
    AND day BETWEEN (SELECT min(month) FROM touched) AND (SELECT toLastDayOfMonth(max(month)) FROM touched)
    AND (unit_code, toStartOfMonth(day)) IN (SELECT unit_code, month FROM touched)
GROUP BY unit_code, month
