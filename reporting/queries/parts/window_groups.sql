-- What the figures of some units over a window are made of, by field and channel: a line for what came before it, one for
-- what lies inside and one for the day after, each on a day of its own.
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
    WHERE {window days}
    UNION ALL
    SELECT month AS day, field_code, channel, {marks: of_$mark}
    FROM rollups_monthly FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    WHERE {window months}
) AS held
GROUP BY day, field_code, channel
