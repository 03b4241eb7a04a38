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
    sum(n[1]) AS submitted,
    sum(n[2]) AS opened,
    sum(n[3]) AS refused,
    sum(n[4]) AS closed,
    sum(n[5]) AS closed_early,
    sum(n[6]) AS closed_on_time,
    sum(n[7]) AS closed_late,
    sum(n[8]) AS closed_undated,
    sum(n[9]) AS closed_withdrawn,
    sum(n[10]) AS closed_stopped,
    sum(n[11]) AS returned,
    sum(n[12]) AS overdue_in,
    sum(n[13]) AS overdue_out,
    sum(n[14]) AS paused_in,
    sum(n[15]) AS paused_out,
    mapFromArrays(groupArrayArray(names), groupArrayArray(counted)) AS counts
FROM
(
    SELECT
        unit_code,
        day,
        [
            toInt64(countIf(bitTest(marks, 0))),
            toInt64(countIf(bitTest(marks, 1))),
            toInt64(countIf(bitTest(marks, 2))),
            toInt64(countIf(bitTest(marks, 3))),
            toInt64(countIf(bitTest(marks, 4))),
            toInt64(countIf(bitTest(marks, 5))),
            toInt64(countIf(bitTest(marks, 6))),
            toInt64(countIf(bitTest(marks, 7))),
            toInt64(countIf(bitTest(marks, 8))),
            toInt64(countIf(bitTest(marks, 9))),
            toInt64(countIf(bitTest(marks, 10))),
            toInt64(countIf(bitTest(marks, 11))),
            toInt64(countIf(bitTest(marks, 12))),
            toInt64(countIf(bitTest(marks, 13))),
            toInt64(countIf(bitTest(marks, 14)))
        ] AS n,
        [
            'submitted', 'opened', 'refused', 'closed', 'closed_early', 'closed_on_time', 'closed_late', 'closed_undated',
            'closed_withdrawn', 'closed_stopped', 'returned', 'overdue_in', 'overdue_out', 'paused_in', 'paused_out'
        ] AS marked,
        arrayMap(mark -> concat(field_code, '|', channel, '|', mark), arrayFilter((mark, k) -> k > 0, marked, n)) AS names,
        arrayFilter(k -> k > 0, n) AS counted
    FROM case_marks FINAL
    WHERE (day, unit_code) IN (SELECT day, unit_code FROM touched)
    GROUP BY unit_code, day, field_code, channel
    UNION ALL
    SELECT unit_code, day, [] AS n, [] AS marked, [] AS names, [] AS counted FROM touched
)
GROUP BY unit_code, day
