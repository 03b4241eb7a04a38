-- Newborns by commune: births of a window, by the step that each has reached; issued + waiting + unknown = all.
SELECT
    unit_code,
    count() AS birth_count,
    countIf(is_sent) AS sent_count,
    countIf(is_issued) AS issued_count,
    countIf(is_within) AS within_count,
    countIf(is_if_verified) AS if_verified_count,
    countIf(is_late) AS late_count,
    countIf(is_waiting) AS waiting_count,
    countIf(is_waiting_late) AS waiting_late_count,
    countIf(is_unknown) AS unknown_count,
    toFloat64OrNull(toString(quantileExactLowIf(0.5)(days_taken, is_issued))) AS median_found,
    if(issued_count = 0, NULL, median_found) AS median_days,
    groupUniqArray(field_code) AS field_codes
FROM
(
    {newborn cases}
)
GROUP BY unit_code
ORDER BY birth_count DESC, unit_code
