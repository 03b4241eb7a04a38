-- What unit_rollups_by_field says, of communes with their provinces: read from sums of provinces where these stand for them.
SELECT
    row.field_code AS field_code,
    {metrics}
FROM ({sums groups}) AS row
GROUP BY field_code
ORDER BY field_code
