-- What window_groups.sql says, of communes with their provinces: where a province's sum is made of the rows that the communes
-- asked for have, the sum is read in their place. The lists of such days and months are made once in the statement.
WITH {sums days} AS summed_days, {sums months} AS summed_months
SELECT
    multiIf(held.day < {from:Date}, {from:Date} - 1, held.day > {to:Date}, {to:Date} + 1, {to:Date}) AS day,
    day = {to:Date} AS inside,
    field_code,
    channel,
    {marks: sum(held.of_$mark) AS $mark}
FROM
(
    SELECT day, field_code, channel, {marks: of_$mark}
    FROM rollups_daily FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    PREWHERE {window days} AND day BETWEEN summed_days.2 AND summed_days.3
        AND (toString({sums province}), day) NOT IN (SELECT arrayJoin(summed_days.1))
    UNION ALL
    SELECT day, field_code, channel, {marks: of_$mark}
    FROM province_days FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    WHERE day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
        AND (toString(province_code), day) IN (SELECT arrayJoin(summed_days.1))
    UNION ALL
    SELECT month AS day, field_code, channel, {marks: of_$mark}
    FROM rollups_monthly FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    PREWHERE {window months} AND month BETWEEN summed_months.2 AND summed_months.3
        AND (toString({sums province}), month) NOT IN (SELECT arrayJoin(summed_months.1))
    UNION ALL
    SELECT month AS day, field_code, channel, {marks: of_$mark}
    FROM province_months FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    WHERE (toString(province_code), month) IN (SELECT arrayJoin(summed_months.1))
) AS held
GROUP BY day, field_code, channel
