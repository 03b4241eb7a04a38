-- How long the cases took that some units finished in a window, by field: see the part.
SELECT
    row.field_code AS field_code,
    {window times}
FROM ({window finished}) AS row
GROUP BY field_code
ORDER BY finished_count DESC, field_code
