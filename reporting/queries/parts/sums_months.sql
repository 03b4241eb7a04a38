-- The months of a window on which the sum of a province stands for the rows of its communes: it was made of these very rows.
-- What changed since, or was never summed, is not among them, and is read commune by commune.
(
    SELECT groupArray((province_code, month))
    FROM
    (
        SELECT toString({sums province}) AS province_code, month, sum({sums row}) AS made_of
        FROM rollups_monthly FINAL
        WHERE {window months}
        GROUP BY province_code, month
    )
    WHERE (province_code, month, made_of) IN
    (
        SELECT toString(province_code), month, made_of
        FROM province_months FINAL
        WHERE province_code IN {provinces:Array(String)} AND month < toStartOfMonth({to:Date})
    )
)
