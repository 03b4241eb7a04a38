-- Some units day by day: every day of the window, also one without numbers, with its flows and what stood at its end.
SELECT *
FROM
(
    SELECT
        row.day AS day,
        {metrics by day}
    FROM
    (
        {window lines}
        UNION ALL
        SELECT
            '' AS unit_code, {from:Date} + arrayJoin(range(toUInt32({to:Date} - {from:Date} + 2))) AS day, false AS inside,
            {marks: 0 AS $mark}, map() AS counts
    ) AS row
    GROUP BY row.day
    WINDOW
        up_to AS (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        ahead AS (ORDER BY day ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)
)
WHERE day BETWEEN {from:Date} AND {to:Date}
ORDER BY day
