-- What late_fields says of several provinces, read from their sums where these stand for their communes.
SELECT
    field_code,
    sum(resolved_early + resolved_on_time + resolved_late) AS dated_count,
    groupArrayIf(
        (place_code, toInt64(resolved_late)), resolved_early + resolved_on_time + resolved_late > 0
    ) AS lateness,
    {window lateness}
FROM
(
    SELECT row.field_code AS field_code, row.place_code AS place_code, {metrics}
    FROM ({sums fields}) AS row
    GROUP BY field_code, place_code
)
GROUP BY field_code
HAVING dated_count > 0
ORDER BY late_count DESC, field_code
