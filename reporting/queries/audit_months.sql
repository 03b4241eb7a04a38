-- Months that are not the sum of their days.
SELECT unit_code, month, sum(of_days) AS day_sum, sum(of_month) AS month_sum
FROM
(
    SELECT unit_code, toStartOfMonth(day) AS month, arraySum(mapValues(counts)) AS of_days, 0 AS of_month
    FROM rollups_daily FINAL
    UNION ALL
    SELECT unit_code, month, 0 AS of_days, arraySum(mapValues(counts)) AS of_month
    FROM rollups_monthly FINAL
)
GROUP BY unit_code, month
HAVING day_sum != month_sum
ORDER BY unit_code, month
LIMIT {limit:UInt32}
