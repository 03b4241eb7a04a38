-- Some units over a window, by field and channel: flows from {from} to {to}, what was carried in, and what stands at the end.
SELECT
    row.field_code AS field_code,
    row.channel AS channel,
    {metrics}
FROM ({window groups}) AS row
GROUP BY field_code, channel
ORDER BY field_code, channel
