-- Lessons of digital literacy of some units in a window, by unit.
SELECT
    row.unit_code AS unit_code,
    count() AS lesson_count,
    sum(row.people_count) AS people_count,
    sumOrNull(row.confirmed_count) AS confirmed_count
FROM ({held lessons}) AS row
WHERE row.held_on BETWEEN {from:Date} AND {to:Date}
GROUP BY unit_code
ORDER BY people_count DESC, unit_code
