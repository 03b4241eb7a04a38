-- Cases of some units that wait because data do not agree, by data: see the parts.
SELECT
    row.data AS data,
    {mismatch counts}
FROM ({mismatch cases}) AS row
WHERE row.data != ''
GROUP BY data
ORDER BY on_count DESC, data
