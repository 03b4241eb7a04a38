-- Some units over a window, by field: flows from {from} to {to}, what was carried in, and what stands at the end.
SELECT
    row.field_code AS field_code,
    {metrics}
FROM
(
    SELECT day, inside, parts[1] AS field_code, {marks: n * (mark = '$mark') AS $mark}
    FROM
    (
        SELECT
            day, inside, arrayJoin(counts) AS pair, splitByChar('|', pair.1) AS parts, parts[3] AS mark, pair.2 AS n
        FROM ({window lines})
    )
) AS row
GROUP BY field_code
ORDER BY field_code
