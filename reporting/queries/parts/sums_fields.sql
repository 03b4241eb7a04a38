-- What window_fields.sql says, with a province in the place of a unit: from the sums of {provinces}, and from the communes
-- {units}, whose provinces are {unit_provinces}, on days and in months that are {apart_days} and {apart_months}.
SELECT place_code, {to:Date} AS day, true AS inside, field_code, {marks: sum(held.of_$mark) AS $mark}
FROM
(
    SELECT
        transform(toString(unit_code), {units:Array(String)}, {unit_provinces:Array(String)}, '') AS place_code,
        field_code,
        {marks: of_$mark}
    FROM rollups_daily FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    PREWHERE {window days} AND day IN {apart_days:Array(Date)} AND day BETWEEN {from:Date} AND {to:Date}
    WHERE {channel:String} = '' OR channel = {channel:String}
    UNION ALL
    SELECT toString(province_code) AS place_code, field_code, {marks: of_$mark}
    FROM province_days FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    WHERE province_code IN {provinces:Array(String)} AND {window dayspan} AND day NOT IN {apart_days:Array(Date)}
        AND day BETWEEN {from:Date} AND {to:Date}
        AND ({channel:String} = '' OR channel = {channel:String})
    UNION ALL
    SELECT
        transform(toString(unit_code), {units:Array(String)}, {unit_provinces:Array(String)}, '') AS place_code,
        field_code,
        {marks: of_$mark}
    FROM rollups_monthly FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    PREWHERE {window months} AND month IN {apart_months:Array(Date)} AND month >= {from:Date}
    WHERE {channel:String} = '' OR channel = {channel:String}
    UNION ALL
    SELECT toString(province_code) AS place_code, field_code, {marks: of_$mark}
    FROM province_months FINAL
    ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    WHERE province_code IN {provinces:Array(String)} AND {window monthspan} AND month NOT IN {apart_months:Array(Date)}
        AND month >= {from:Date}
        AND ({channel:String} = '' OR channel = {channel:String})
) AS held
GROUP BY place_code, field_code
