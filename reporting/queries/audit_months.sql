-- Months that are not the sum of their days, in a total or in a group, but for those that are about to be counted.
SELECT unit_code, month, concat(place, mark) AS name, day_sum, month_sum
FROM
(
    SELECT unit_code, month, place, sumForEach(of_days) AS in_days, sumForEach(of_month) AS in_month
    FROM
    (
        SELECT
            unit_code, toStartOfMonth(day) AS month, '' AS place,
            [{marks: toUInt64($mark)}] AS of_days, [{marks: toUInt64(0)}] AS of_month
        FROM rollups_daily FINAL
        UNION ALL
        SELECT
            unit_code, toStartOfMonth(day) AS month, concat(field_code, '|', channel, '|') AS place,
            [{marks: toUInt64(of_$mark)}] AS of_days, [{marks: toUInt64(0)}] AS of_month
        FROM rollups_daily FINAL
        ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
        UNION ALL
        SELECT unit_code, month, '' AS place, [{marks: toUInt64(0)}] AS of_days, [{marks: toUInt64($mark)}] AS of_month
        FROM rollups_monthly FINAL
        UNION ALL
        SELECT
            unit_code, month, concat(field_code, '|', channel, '|') AS place,
            [{marks: toUInt64(0)}] AS of_days, [{marks: toUInt64(of_$mark)}] AS of_month
        FROM rollups_monthly FINAL
        ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    )
    GROUP BY unit_code, month, place
    HAVING in_days != in_month
)
ARRAY JOIN [{marks: '$mark'}] AS mark, in_days AS day_sum, in_month AS month_sum
WHERE day_sum != month_sum
    AND (month, unit_code) NOT IN (SELECT starts_on, unit_code FROM ({recounts due}) WHERE span = 'month')
ORDER BY unit_code, month, name
LIMIT {limit:UInt32}
