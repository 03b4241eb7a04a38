-- What units_total says, of communes with their provinces: read from sums of provinces where these stand for them.
WITH {sums days} AS summed_days, {sums months} AS summed_months
SELECT
    length(arrayDistinct({units:Array(String)})) AS unit_count,
    {metrics}
FROM
(
    SELECT day, day BETWEEN {from:Date} AND {to:Date} AS inside, {marks: $mark}
    FROM rollups_daily FINAL
    PREWHERE {window days} AND (toString({sums province}), day) NOT IN (SELECT arrayJoin(summed_days))
    UNION ALL
    SELECT day, day BETWEEN {from:Date} AND {to:Date} AS inside, {marks: $mark}
    FROM province_days FINAL
    WHERE day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
        AND (toString(province_code), day) IN (SELECT arrayJoin(summed_days))
    UNION ALL
    SELECT month AS day, month BETWEEN {from:Date} AND {to:Date} AS inside, {marks: $mark}
    FROM rollups_monthly FINAL
    PREWHERE {window months} AND (toString({sums province}), month) NOT IN (SELECT arrayJoin(summed_months))
    UNION ALL
    SELECT month AS day, month BETWEEN {from:Date} AND {to:Date} AS inside, {marks: $mark}
    FROM province_months FINAL
    WHERE (toString(province_code), month) IN (SELECT arrayJoin(summed_months))
) AS row
