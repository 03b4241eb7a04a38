-- Places by whether they have figures: how many of their units had cases that came or were resolved in the window, when any
-- last had, and for the unit that is longest without, for how many days until the end of {to}. A place is a unit; where
-- {provinces} names several, a province. What is null was never there. Of a unit the days of the last month are read, and
-- those of the last month before it that has any.
SELECT
    if(
        length(arrayDistinct({provinces:Array(String)})) > 1,
        transform(unit_code, {units:Array(String)}, {provinces:Array(String)}, ''),
        unit_code
    ) AS place_code,
    count() AS unit_count,
    countIf(last_on >= {from:Date}) AS reporting_count,
    countIf(last_on < {from:Date}) AS stopped_count,
    countIf(isNull(last_on)) AS never_count,
    max(last_on) AS last_on_of_all,
    toFloat64(maxOrNull({to:Date} - last_on)) AS quiet_days
FROM
(
    SELECT unit_code, maxOrNull(one_on) AS last_on
    FROM
    (
        SELECT toString(unit_code) AS unit_code, toNullable(max(day)) AS one_on
        FROM rollups_daily FINAL
        WHERE unit_code IN {units:Array(String)}
            AND toStartOfMonth(day) = toStartOfMonth({to:Date})
            AND day <= {to:Date}
            AND opened + closed > 0
        GROUP BY unit_code
        UNION ALL
        SELECT toString(unit_code) AS unit_code, toNullable(max(day)) AS one_on
        FROM rollups_daily FINAL
        WHERE (toStartOfMonth(day), unit_code) IN
            (
                SELECT max(month), unit_code
                FROM rollups_monthly FINAL
                WHERE unit_code IN {units:Array(String)} AND month < toStartOfMonth({to:Date}) AND opened + closed > 0
                GROUP BY unit_code
            )
            AND opened + closed > 0
        GROUP BY unit_code
        UNION ALL
        SELECT arrayJoin({units:Array(String)}), NULL
    )
    GROUP BY unit_code
)
GROUP BY place_code
ORDER BY reporting_count / unit_count, quiet_days DESC NULLS FIRST, place_code
