-- Births of a window that wait for a personal number, by the body whose step they await; empty where nobody is named.
SELECT
    awaited AS body,
    count() AS waiting_count,
    countIf(is_waiting_late) AS waiting_late_count,
    toFloat64(max(days_taken)) AS longest_days,
    uniqExact(unit_code) AS unit_count,
    groupUniqArray(field_code) AS field_codes
FROM
(
    {newborn cases}
)
WHERE is_waiting
GROUP BY body
ORDER BY waiting_count DESC, body
