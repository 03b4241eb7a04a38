-- Who filed the online cases of some units alone, and who was helped, by band of age: see the parts.
SELECT
    row.age_band AS age_band,
    {window helpers}
FROM ({window helped}) AS row
GROUP BY age_band
ORDER BY online_count DESC, age_band
