-- How long the cases took that some units finished in a window, by procedure: see the part. `field_codes` are the fields
-- that its cases name.
SELECT
    row.procedure_code AS procedure_code,
    arraySort(groupUniqArray(row.field_code)) AS field_codes,
    {window times}
FROM ({window finished}) AS row
GROUP BY procedure_code
ORDER BY finished_count DESC, procedure_code
