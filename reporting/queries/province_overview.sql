-- Each of some units over a window: what came and went from {from} to {to}, what was carried in, and what stands at
-- the end of {to}. A unit without numbers is a row of zeros. received + carried_over = resolved + open.
SELECT
    row.unit_code AS unit_code,
    {metrics}
FROM
(
    {window lines}
    UNION ALL
    SELECT
        arrayJoin({units:Array(String)}) AS unit_code, {from:Date} AS day, true AS inside, {marks: 0 AS $mark}
) AS row
GROUP BY unit_code
ORDER BY unit_code
