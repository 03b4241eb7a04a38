-- What unit_rollups_by_channel says, of communes with their provinces: read from sums of provinces where these stand for them.
SELECT
    row.channel AS channel,
    {metrics}
FROM ({sums groups}) AS row
GROUP BY channel
ORDER BY channel
