-- How many of some units have figures in a window: cases that came or were resolved. The sum of the reporting_unit_count of
-- ministry_by_province, without what that adds up.
SELECT uniqExact(unit_code) AS reporting_unit_count
FROM
(
    SELECT unit_code
    FROM rollups_daily FINAL
    WHERE {window days} AND day BETWEEN {from:Date} AND {to:Date} AND opened + closed > 0
    UNION ALL
    SELECT unit_code
    FROM rollups_monthly FINAL
    WHERE {window months} AND month BETWEEN {from:Date} AND {to:Date} AND opened + closed > 0
)
