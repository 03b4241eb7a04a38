-- Who filed the online cases of some units alone, and who was helped, by commune: see the parts.
SELECT
    row.unit_code AS unit_code,
    {window helpers}
FROM ({window helped}) AS row
GROUP BY unit_code
ORDER BY online_count DESC, unit_code
