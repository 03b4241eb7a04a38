-- Some units over a window, by field: flows from {from} to {to}, what was carried in, and what stands at the end.
SELECT
    row.field_code AS field_code,
    {metrics}
FROM ({window groups}) AS row
GROUP BY field_code
ORDER BY field_code
