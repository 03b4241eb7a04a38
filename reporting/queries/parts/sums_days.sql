-- The days of a window on which the sum of a province stands for the rows of its communes: it was made of these very rows.
-- What changed since, or was never summed, is not among them, and is read commune by commune.
(
    SELECT groupArray((province_code, day))
    FROM
    (
        SELECT toString({sums province}) AS province_code, day, sum({sums row}) AS made_of
        FROM rollups_daily FINAL
        WHERE {window days}
        GROUP BY province_code, day
    )
    WHERE (province_code, day, made_of) IN
    (
        SELECT toString(province_code), day, made_of
        FROM province_days FINAL
        WHERE province_code IN {provinces:Array(String)} AND day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
    )
)
