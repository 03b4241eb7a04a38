-- What the figures of some units inside a window are made of, by unit and field.
SELECT unit_code, {to:Date} AS day, true AS inside, field_code, {marks: sum(held.of_$mark) AS $mark}
FROM
(
    SELECT unit_code, field_code, {marks: of_$mark}
    FROM rollups_daily FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    WHERE {window days} AND day BETWEEN {from:Date} AND {to:Date}
        AND ({channel:String} = '' OR channel = {channel:String})
    UNION ALL
    SELECT unit_code, field_code, {marks: of_$mark}
    FROM rollups_monthly FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    WHERE {window months} AND month >= {from:Date}
        AND ({channel:String} = '' OR channel = {channel:String})
) AS held
GROUP BY unit_code, field_code
