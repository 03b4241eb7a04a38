-- Some units over a window, by channel: flows from {from} to {to}, what was carried in, and what stands at the end.
SELECT
    row.channel AS channel,
    {metrics}
FROM ({window groups}) AS row
GROUP BY channel
ORDER BY channel
