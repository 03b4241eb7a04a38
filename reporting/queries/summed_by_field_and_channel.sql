-- What unit_rollups_by_field_and_channel says, of communes with their provinces: read from sums of provinces where these stand for them.
SELECT
    row.field_code AS field_code, row.channel AS channel,
    {metrics}
FROM ({sums groups}) AS row
GROUP BY field_code, channel
ORDER BY field_code, channel
