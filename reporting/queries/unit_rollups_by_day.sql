-- Some units day by day: every day of the window, also one without numbers, with its flows and what stood at its end.
SELECT
    day, submitted, received, refused, resolved, resolved_early, resolved_on_time, resolved_late, resolved_undated,
    withdrawn, stopped, returned, became_overdue, open - received + resolved AS carried_over, open, overdue, paused,
    due_today
FROM
(
    SELECT
        row.day AS day,
        sum(row.submitted) AS submitted,
        sum(row.opened) AS received,
        sum(row.refused) AS refused,
        sum(row.closed) AS resolved,
        sum(row.closed_early) AS resolved_early,
        sum(row.closed_on_time) AS resolved_on_time,
        sum(row.closed_late) AS resolved_late,
        sum(row.closed_undated) AS resolved_undated,
        sum(row.closed_withdrawn) AS withdrawn,
        sum(row.closed_stopped) AS stopped,
        sum(row.returned) AS returned,
        sum(row.overdue_in) AS became_overdue,
        sum(sum(row.opened - row.closed)) OVER up_to AS open,
        sum(sum(row.overdue_in - row.overdue_out)) OVER up_to AS overdue,
        sum(sum(row.paused_in - row.paused_out)) OVER up_to AS paused,
        leadInFrame(sum(row.overdue_in), 1, 0) OVER ahead AS due_today
    FROM
    (
        SELECT
            day,
            submitted, opened, refused, closed, closed_early, closed_on_time, closed_late,
            closed_undated, closed_withdrawn, closed_stopped, returned, overdue_in, overdue_out,
            paused_in, paused_out
        FROM rollups_daily FINAL
        WHERE unit_code IN {units:Array(String)}
            AND day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
        UNION ALL
        SELECT
            month - 1 AS day,
            submitted, opened, refused, closed, closed_early, closed_on_time, closed_late,
            closed_undated, closed_withdrawn, closed_stopped, returned, overdue_in, overdue_out,
            paused_in, paused_out
        FROM rollups_monthly FINAL
        WHERE unit_code IN {units:Array(String)} AND month < toStartOfMonth({from:Date})
        UNION ALL
        SELECT
            {from:Date} + arrayJoin(range(toUInt32({to:Date} - {from:Date} + 2))) AS day,
            0 AS submitted, 0 AS opened, 0 AS refused, 0 AS closed, 0 AS closed_early,
            0 AS closed_on_time, 0 AS closed_late, 0 AS closed_undated, 0 AS closed_withdrawn,
            0 AS closed_stopped, 0 AS returned, 0 AS overdue_in, 0 AS overdue_out, 0 AS paused_in,
            0 AS paused_out
    ) AS row
    GROUP BY row.day
    WINDOW
        up_to AS (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        ahead AS (ORDER BY day ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)
)
WHERE day BETWEEN {from:Date} AND {to:Date}
ORDER BY day
