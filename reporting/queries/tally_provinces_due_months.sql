-- Sums of provinces that are not made of the rows that their communes have, the newest first, on months with a row of version
-- {since} or later; {units} and {provinces} are parallel arrays.
SELECT province_code, month AS starts_on
FROM
(
    SELECT toString({sums province}) AS province_code, month, sum({sums row}) AS made_of
    FROM rollups_monthly FINAL
    WHERE unit_code IN {units:Array(String)}
        AND toStartOfMonth(month) IN (SELECT toStartOfMonth(month) FROM rollups_monthly WHERE version >= {since:UInt64})
    GROUP BY province_code, month
)
WHERE (province_code, month, made_of) NOT IN (SELECT toString(province_code), month, made_of FROM province_months FINAL)
ORDER BY starts_on DESC, province_code
LIMIT {limit:UInt32}
