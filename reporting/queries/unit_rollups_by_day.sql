-- Some units day by day: every day of the window, also one without numbers, with its flows and what stood at its end.
SELECT *
FROM
(
    SELECT
        row.day AS day,
        {metrics by day}
    FROM
    (
        SELECT day, {marks: $mark}
        FROM rollups_daily FINAL
        WHERE unit_code IN {units:Array(String)} AND day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
        UNION ALL
        SELECT month AS day, {marks: $mark}
        FROM rollups_monthly FINAL
        WHERE unit_code IN {units:Array(String)} AND month < toStartOfMonth({from:Date})
        UNION ALL
        SELECT {from:Date} + arrayJoin(range(toUInt32({to:Date} - {from:Date} + 2))) AS day, {marks: 0 AS $mark}
    ) AS row
    GROUP BY row.day
    WINDOW
        up_to AS (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        ahead AS (ORDER BY day ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)
)
WHERE day BETWEEN {from:Date} AND {to:Date}
ORDER BY day
