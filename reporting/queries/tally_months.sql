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
    sum(daily.submitted) AS submitted,
    sum(daily.opened) AS opened,
    sum(daily.refused) AS refused,
    sum(daily.closed) AS closed,
    sum(daily.closed_early) AS closed_early,
    sum(daily.closed_on_time) AS closed_on_time,
    sum(daily.closed_late) AS closed_late,
    sum(daily.closed_undated) AS closed_undated,
    sum(daily.closed_withdrawn) AS closed_withdrawn,
    sum(daily.closed_stopped) AS closed_stopped,
    sum(daily.returned) AS returned,
    sum(daily.overdue_in) AS overdue_in,
    sum(daily.overdue_out) AS overdue_out,
    sum(daily.paused_in) AS paused_in,
    sum(daily.paused_out) AS paused_out,
    sumMap(daily.counts) AS counts
FROM rollups_daily AS daily FINAL
WHERE unit_code IN (SELECT unit_code FROM touched)
    AND day BETWEEN (SELECT min(month) FROM touched) AND (SELECT toLastDayOfMonth(max(month)) FROM touched)
    AND (unit_code, toStartOfMonth(day)) IN (SELECT unit_code, month FROM touched)
GROUP BY unit_code, month
