-- Cases of some units in which data were typed in again though another system holds them, by data: see the part.
SELECT row.twice AS data, count() AS twice_count, uniqExact(row.unit_code) AS unit_count
FROM ({mismatch cases}) AS row
WHERE row.twice != ''
GROUP BY data
ORDER BY twice_count DESC, data
