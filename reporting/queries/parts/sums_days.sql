-- The days of a window on which the sum of a province stands for the rows of its communes, because it was made of these very
-- rows; and the first and the last with anything else: what changed since, or was never summed, is read commune by commune.
(
    SELECT (groupArrayIf((province_code, day), is_same), minIf(day, NOT is_same), maxIf(day, NOT is_same))
    FROM
    (
        SELECT
            toString({sums province}) AS province_code,
            day,
            (province_code, day, sum({sums row})) IN
            (
                SELECT toString(province_code), day, made_of
                FROM province_days FINAL
                WHERE province_code IN {provinces:Array(String)} AND day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
            ) AS is_same
        FROM rollups_daily FINAL
        WHERE {window days}
        GROUP BY province_code, day
    )
)
