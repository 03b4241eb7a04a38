-- Some units over a window, by field: flows from {from} to {to}, what was carried in, and what stands at the end.
SELECT
    entry.field_code AS field_code,
    sumIf(entry.n, entry.mark = 'submitted' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS submitted,
    sumIf(entry.n, entry.mark = 'opened' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS received,
    sumIf(entry.n, entry.mark = 'refused' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS refused,
    sumIf(entry.n, entry.mark = 'closed' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS resolved,
    sumIf(entry.n, entry.mark = 'closed_early' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS resolved_early,
    sumIf(entry.n, entry.mark = 'closed_on_time' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS resolved_on_time,
    sumIf(entry.n, entry.mark = 'closed_late' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS resolved_late,
    sumIf(entry.n, entry.mark = 'closed_undated' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS resolved_undated,
    sumIf(entry.n, entry.mark = 'closed_withdrawn' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS withdrawn,
    sumIf(entry.n, entry.mark = 'closed_stopped' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS stopped,
    sumIf(entry.n, entry.mark = 'returned' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS returned,
    sumIf(entry.n, entry.mark = 'overdue_in' AND entry.day BETWEEN {from:Date} AND {to:Date}) AS became_overdue,
    sumIf(entry.n * multiIf(entry.mark = 'opened', 1, entry.mark = 'closed', -1, 0), entry.day < {from:Date}) AS carried_over,
    sumIf(entry.n * multiIf(entry.mark = 'opened', 1, entry.mark = 'closed', -1, 0), entry.day <= {to:Date}) AS open,
    sumIf(entry.n * multiIf(entry.mark = 'overdue_in', 1, entry.mark = 'overdue_out', -1, 0), entry.day <= {to:Date}) AS overdue,
    sumIf(entry.n * multiIf(entry.mark = 'paused_in', 1, entry.mark = 'paused_out', -1, 0), entry.day <= {to:Date}) AS paused,
    sumIf(entry.n, entry.mark = 'overdue_in' AND entry.day = {to:Date} + 1) AS due_today
FROM
(
    SELECT
        day AS day,
        arrayJoin(counts) AS pair,
        splitByChar('|', pair.1) AS parts,
        parts[1] AS field_code,
        parts[3] AS mark,
        pair.2 AS n
    FROM rollups_daily FINAL
    WHERE unit_code IN {units:Array(String)} AND day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
    UNION ALL
    SELECT
        month AS day,
        arrayJoin(counts) AS pair,
        splitByChar('|', pair.1) AS parts,
        parts[1] AS field_code,
        parts[3] AS mark,
        pair.2 AS n
    FROM rollups_monthly FINAL
    WHERE unit_code IN {units:Array(String)} AND month < toStartOfMonth({from:Date})
) AS entry
GROUP BY field_code
ORDER BY field_code
