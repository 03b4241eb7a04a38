-- Who filed the online cases of some units alone, and who was helped, by week, each named by its Monday: see the parts.
SELECT
    toString(toMonday(row.received_on)) AS week,
    {window helpers}
FROM ({window helped}) AS row
GROUP BY week
ORDER BY week
