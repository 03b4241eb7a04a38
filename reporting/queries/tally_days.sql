-- Recount the marks of some (unit, day) keys: one row per key, an empty one where nothing is left.
-- {days} and {units} are parallel arrays of the keys; {version} is the engine's clock, read before this runs.
SELECT
    unit_code,
    day,
    {version:UInt64} AS version,
    sumIf(n, mark = 'submitted') AS submitted,
    sumIf(n, mark = 'opened') AS opened,
    sumIf(n, mark = 'refused') AS refused,
    sumIf(n, mark = 'closed') AS closed,
    sumIf(n, mark = 'closed_early') AS closed_early,
    sumIf(n, mark = 'closed_on_time') AS closed_on_time,
    sumIf(n, mark = 'closed_late') AS closed_late,
    sumIf(n, mark = 'closed_undated') AS closed_undated,
    sumIf(n, mark = 'closed_withdrawn') AS closed_withdrawn,
    sumIf(n, mark = 'closed_stopped') AS closed_stopped,
    sumIf(n, mark = 'returned') AS returned,
    sumIf(n, mark = 'overdue_in') AS overdue_in,
    sumIf(n, mark = 'overdue_out') AS overdue_out,
    sumIf(n, mark = 'paused_in') AS paused_in,
    sumIf(n, mark = 'paused_out') AS paused_out,
    mapFromArrays(
        groupArrayIf(concat(field_code, '|', channel, '|', mark), n > 0),
        groupArrayIf(toInt64(n), n > 0)
    ) AS counts
FROM
(
    SELECT unit_code, day, field_code, channel, mark, count() AS n
    FROM case_marks FINAL
    WHERE (day, unit_code) IN (
        SELECT key.1, key.2
        FROM (SELECT arrayJoin(arrayZip({days:Array(Date)}, {units:Array(String)})) AS key)
    )
    GROUP BY unit_code, day, field_code, channel, mark
    UNION ALL
    SELECT key.2 AS unit_code, key.1 AS day, '' AS field_code, '' AS channel, '' AS mark, 0 AS n
    FROM (SELECT arrayJoin(arrayZip({days:Array(Date)}, {units:Array(String)})) AS key)
)
GROUP BY unit_code, day
