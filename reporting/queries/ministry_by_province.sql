-- Provinces over a window, each the sum of its communes; {units} and {provinces} are parallel arrays.
-- reporting_unit_count says how many communes the numbers rest on.
SELECT
    transform(toString(row.unit_code), {units:Array(String)}, {provinces:Array(String)}, '') AS province_code,
    uniqExactIf(row.unit_code, row.opened + row.closed > 0 AND row.inside) AS reporting_unit_count,
    sumIf(row.submitted, row.inside) AS submitted,
    sumIf(row.opened, row.inside) AS received,
    sumIf(row.refused, row.inside) AS refused,
    sumIf(row.closed, row.inside) AS resolved,
    sumIf(row.closed_early, row.inside) AS resolved_early,
    sumIf(row.closed_on_time, row.inside) AS resolved_on_time,
    sumIf(row.closed_late, row.inside) AS resolved_late,
    sumIf(row.closed_undated, row.inside) AS resolved_undated,
    sumIf(row.closed_withdrawn, row.inside) AS withdrawn,
    sumIf(row.closed_stopped, row.inside) AS stopped,
    sumIf(row.returned, row.inside) AS returned,
    sumIf(row.overdue_in, row.inside) AS became_overdue,
    sumIf(row.opened - row.closed, row.day < {from:Date}) AS carried_over,
    sumIf(row.opened - row.closed, row.day <= {to:Date}) AS open,
    sumIf(row.overdue_in - row.overdue_out, row.day <= {to:Date}) AS overdue,
    sumIf(row.paused_in - row.paused_out, row.day <= {to:Date}) AS paused,
    sumIf(row.overdue_in, row.day = {to:Date} + 1) AS due_today
FROM
(
    SELECT
        unit_code, day, day BETWEEN {from:Date} AND {to:Date} AS inside,
        submitted, opened, refused, closed, closed_early, closed_on_time, closed_late,
        closed_undated, closed_withdrawn, closed_stopped, returned, overdue_in, overdue_out,
        paused_in, paused_out
    FROM rollups_daily FINAL
    WHERE unit_code IN {units:Array(String)} AND day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
    UNION ALL
    SELECT
        unit_code, month AS day, false AS inside,
        submitted, opened, refused, closed, closed_early, closed_on_time, closed_late,
        closed_undated, closed_withdrawn, closed_stopped, returned, overdue_in, overdue_out,
        paused_in, paused_out
    FROM rollups_monthly FINAL
    WHERE unit_code IN {units:Array(String)} AND month < toStartOfMonth({from:Date})
    UNION ALL
    SELECT
        arrayJoin({units:Array(String)}) AS unit_code, {from:Date} AS day, true AS inside,
        0 AS submitted, 0 AS opened, 0 AS refused, 0 AS closed, 0 AS closed_early,
        0 AS closed_on_time, 0 AS closed_late, 0 AS closed_undated, 0 AS closed_withdrawn,
        0 AS closed_stopped, 0 AS returned, 0 AS overdue_in, 0 AS overdue_out, 0 AS paused_in,
        0 AS paused_out
) AS row
GROUP BY province_code
ORDER BY province_code
