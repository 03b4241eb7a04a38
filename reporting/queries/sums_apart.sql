-- The days and months of a window on which the sums of {provinces} do not stand for the rows of the communes {units}, because
-- they are not made of these very rows: what changed since, or was never summed. There the communes are read.
SELECT span, starts_on
FROM
(
    SELECT 'day' AS span, day AS starts_on, sum({sums row}) AS made_of
    FROM rollups_daily FINAL
    WHERE {window days}
    GROUP BY day
    UNION ALL
    SELECT 'day' AS span, day AS starts_on, sum(made_of) AS made_of
    FROM province_days FINAL
    WHERE province_code IN {provinces:Array(String)} AND {window dayspan}
    GROUP BY day
    UNION ALL
    SELECT 'month' AS span, month AS starts_on, sum({sums row}) AS made_of
    FROM rollups_monthly FINAL
    WHERE {window months}
    GROUP BY month
    UNION ALL
    SELECT 'month' AS span, month AS starts_on, sum(made_of) AS made_of
    FROM province_months FINAL
    WHERE province_code IN {provinces:Array(String)} AND {window monthspan}
    GROUP BY month
)
GROUP BY span, starts_on
HAVING count() = 1 OR min(made_of) != max(made_of)
ORDER BY span, starts_on
