-- The months of a window on which the sum of a province stands for the rows of its communes, because it was made of these very
-- rows; and the first and the last with anything else: what changed since, or was never summed, is read commune by commune.
(
    SELECT (groupArrayIf((province_code, month), is_same), minIf(month, NOT is_same), maxIf(month, NOT is_same))
    FROM
    (
        SELECT
            toString({sums province}) AS province_code,
            month,
            (province_code, month, sum({sums row})) IN
            (
                SELECT toString(province_code), month, made_of
                FROM province_months FINAL
                WHERE province_code IN {provinces:Array(String)} AND month < toStartOfMonth({to:Date})
            ) AS is_same
        FROM rollups_monthly FINAL
        WHERE {window months}
        GROUP BY province_code, month
    )
)
