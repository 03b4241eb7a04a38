-- Sums of provinces that are not made of the rows that their communes have, the newest first, on days with a row of version
-- {since} or later; {units} and {provinces} are parallel arrays.
SELECT province_code, day AS starts_on
FROM
(
    SELECT toString({sums province}) AS province_code, day, sum({sums row}) AS made_of
    FROM rollups_daily FINAL
    WHERE unit_code IN {units:Array(String)}
        AND toStartOfMonth(day) IN (SELECT toStartOfMonth(day) FROM rollups_daily WHERE version >= {since:UInt64})
    GROUP BY province_code, day
)
WHERE (province_code, day, made_of) NOT IN (SELECT toString(province_code), day, made_of FROM province_days FINAL)
ORDER BY starts_on DESC, province_code
LIMIT {limit:UInt32}
