-- Provinces over a window, each the sum of its communes; {units} and {provinces} are parallel arrays.
-- reporting_unit_count says how many communes the numbers rest on.
SELECT
    transform(toString(row.unit_code), {units:Array(String)}, {provinces:Array(String)}, '') AS province_code,
    uniqExactIf(row.unit_code, row.opened + row.closed > 0 AND row.inside) AS reporting_unit_count,
    {metrics}
FROM
(
    {window lines}
    UNION ALL
    SELECT
        arrayJoin({units:Array(String)}) AS unit_code, {from:Date} AS day, true AS inside, {marks: 0 AS $mark}
) AS row
GROUP BY province_code
ORDER BY province_code
