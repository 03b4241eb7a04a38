-- What window_groups.sql says, of the communes of {provinces}: from the sums of these, and from the communes {units} on days
-- and in months that are {apart_days} and {apart_months} (sums_apart.sql).
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
    PREWHERE {window days} AND day IN {apart_days:Array(Date)}
    UNION ALL
    SELECT day, field_code, channel, {marks: of_$mark}
    FROM province_days FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    WHERE province_code IN {provinces:Array(String)} AND {window dayspan} AND day NOT IN {apart_days:Array(Date)}
    UNION ALL
    SELECT month AS day, field_code, channel, {marks: of_$mark}
    FROM rollups_monthly FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    PREWHERE {window months} AND month IN {apart_months:Array(Date)}
    UNION ALL
    SELECT month AS day, field_code, channel, {marks: of_$mark}
    FROM province_months FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    WHERE province_code IN {provinces:Array(String)} AND {window monthspan} AND month NOT IN {apart_months:Array(Date)}
) AS held
GROUP BY day, field_code, channel
