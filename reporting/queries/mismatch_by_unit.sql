-- Cases of some units that wait because data do not agree, by commune: see the parts.
SELECT
    row.unit_code AS unit_code,
    {mismatch counts}
FROM ({mismatch cases}) AS row
WHERE row.data != ''
GROUP BY unit_code
ORDER BY on_count DESC, unit_code
