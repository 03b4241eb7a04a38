-- What unit_rollups_by_day says, of communes with their provinces: read from sums of provinces where these stand for them.
WITH {sums each} AS summed_days, {sums before} AS summed_months
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
        PREWHERE {sums span} AND (toString({sums province}), day) NOT IN (SELECT arrayJoin(summed_days))
        UNION ALL
        SELECT day, {marks: $mark}
        FROM province_days FINAL
        WHERE day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
            AND (toString(province_code), day) IN (SELECT arrayJoin(summed_days))
        UNION ALL
        SELECT month AS day, {marks: $mark}
        FROM rollups_monthly FINAL
        PREWHERE unit_code IN {units:Array(String)} AND month < toStartOfMonth({from:Date})
            AND (toString({sums province}), month) NOT IN (SELECT arrayJoin(summed_months))
        UNION ALL
        SELECT month AS day, {marks: $mark}
        FROM province_months FINAL
        WHERE month < toStartOfMonth({from:Date})
            AND (toString(province_code), month) IN (SELECT arrayJoin(summed_months))
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
