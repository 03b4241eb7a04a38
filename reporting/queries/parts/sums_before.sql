-- The months before a window whose sum of a province stands for the rows of its communes.
(
    SELECT groupArray((province_code, month))
    FROM
    (
        SELECT toString({sums province}) AS province_code, month, sum({sums row}) AS made_of
        FROM rollups_monthly FINAL
        WHERE unit_code IN {units:Array(String)} AND month < toStartOfMonth({from:Date})
        GROUP BY province_code, month
    )
    WHERE (province_code, month, made_of) IN
    (
        SELECT toString(province_code), month, made_of
        FROM province_months FINAL
        WHERE province_code IN {provinces:Array(String)} AND month < toStartOfMonth({from:Date})
    )
)
