-- Each kind that is open somewhere × each province: in how many of its communes it is open, and how often; {units} and
-- {provinces} are parallel arrays. A province that never reported a difficulty is not reporting, which is no nought.
SELECT
    pair.1 AS kind,
    pair.2 AS province_code,
    countEqual({provinces:Array(String)}, pair.2) AS commune_count,
    has(reporting, pair.2) AS is_reporting,
    unit_counts[indexOf(pairs, pair)] AS unit_count,
    open_counts[indexOf(pairs, pair)] AS open_count
FROM
(
    SELECT
        groupUniqArray(province_code) AS reporting,
        groupArrayIf((kind, province_code), open_in > 0) AS pairs,
        groupArrayIf(units_in, open_in > 0) AS unit_counts,
        groupArrayIf(open_in, open_in > 0) AS open_counts,
        arraySort(groupUniqArrayIf(kind, open_in > 0)) AS kinds
    FROM
    (
        SELECT
            toString(kind) AS kind,
            toString(province_code) AS province_code,
            countIf(state NOT IN ('confirmed', 'closed', 'withdrawn')) AS open_in,
            uniqExactIf(unit_code, state NOT IN ('confirmed', 'closed', 'withdrawn')) AS units_in
        FROM issues_current FINAL
        WHERE unit_code IN {units:Array(String)} AND ({kind:String} = '' OR kind = {kind:String})
        GROUP BY kind, province_code
    )
)
ARRAY JOIN
    arrayFlatten(
        arrayMap(k -> arrayMap(p -> (k, p), arraySort(arrayDistinct({provinces:Array(String)}))), kinds)
    ) AS pair
ORDER BY kind, province_code
