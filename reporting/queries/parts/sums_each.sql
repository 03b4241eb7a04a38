-- The same for every day of a window, from the first of its month on.
(
    SELECT groupArray((province_code, day))
    FROM
    (
        SELECT toString({sums province}) AS province_code, day, sum({sums row}) AS made_of
        FROM rollups_daily FINAL
        WHERE {sums span}
        GROUP BY province_code, day
    )
    WHERE (province_code, day, made_of) IN
    (
        SELECT toString(province_code), day, made_of
        FROM province_days FINAL
        WHERE province_code IN {provinces:Array(String)} AND day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
    )
)
