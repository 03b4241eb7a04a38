-- Difficulties about data that do not agree, of some units, by commune: see the parts.
SELECT
    row.unit_code AS unit_code,
    {issue stopped}
FROM ({issue linked}) AS row
GROUP BY unit_code
ORDER BY open_count DESC, unit_code
