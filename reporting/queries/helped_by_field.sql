-- Who filed the online cases of some units alone, and who was helped, by field: see the parts.
SELECT
    row.field_code AS field_code,
    {window helpers}
FROM ({window helped}) AS row
GROUP BY field_code
ORDER BY online_count DESC, field_code
