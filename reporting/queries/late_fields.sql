-- Fields over a window by how their late cases lie. A place is a commune; where {provinces} names several, a province.
SELECT
    field_code,
    sum(resolved_early + resolved_on_time + resolved_late) AS dated_count,
    groupArrayIf(
        (place_code, toInt64(resolved_late)), resolved_early + resolved_on_time + resolved_late > 0
    ) AS lateness,
    {window lateness}
FROM
(
    SELECT
        row.field_code AS field_code,
        if(
            length(arrayDistinct({provinces:Array(String)})) > 1,
            transform(toString(row.unit_code), {units:Array(String)}, {provinces:Array(String)}, ''),
            toString(row.unit_code)
        ) AS place_code,
        {metrics}
    FROM ({window fields}) AS row
    GROUP BY field_code, place_code
)
GROUP BY field_code
HAVING dated_count > 0
ORDER BY late_count DESC, field_code
