-- Sums of provinces by day that are read, because they are made of the rows that their communes have, and that do not equal
-- the sum of these rows, in a total or in a group.
WITH
(
    SELECT groupArray((province_code, day))
    FROM
    (
        SELECT any(toString(province_code)) AS province_code, day, sum({sums row}) AS sum_of_rows, any(made_of) AS made_of
        FROM (SELECT unit_code, day, version FROM rollups_daily FINAL) AS row
        INNER JOIN
        (
            SELECT toString(province_code) AS province_code, day, unit_code, made_of
            FROM province_days FINAL
            ARRAY JOIN unit_codes AS unit_code
        ) AS sums USING (day, unit_code)
        GROUP BY sums.province_code, day
        HAVING sum_of_rows = made_of
    )
) AS read_sums
SELECT province_code, day AS starts_on, concat(place, mark) AS name, of_communes, of_province
FROM
(
    SELECT province_code, day, place, sumForEach(communes) AS in_communes, sumForEach(province) AS in_province
    FROM
    (
        SELECT province_code, day, line.1 AS place, line.2 AS communes, [{marks: toUInt64(0)}] AS province
        FROM (SELECT unit_code, day, {audit lines} AS lines FROM rollups_daily FINAL) AS row
        INNER JOIN
        (
            SELECT toString(province_code) AS province_code, day, unit_code
            FROM province_days FINAL
            ARRAY JOIN unit_codes AS unit_code
            WHERE (toString(province_code), day) IN (SELECT arrayJoin(read_sums))
        ) AS sums USING (day, unit_code)
        ARRAY JOIN lines AS line
        UNION ALL
        SELECT province_code, day, line.1 AS place, [{marks: toUInt64(0)}] AS communes, line.2 AS province
        FROM (SELECT toString(province_code) AS province_code, day, {audit lines} AS lines FROM province_days FINAL)
        ARRAY JOIN lines AS line
        WHERE (province_code, day) IN (SELECT arrayJoin(read_sums))
    )
    GROUP BY province_code, day, place
    HAVING in_communes != in_province
)
ARRAY JOIN [{marks: '$mark'}] AS mark, in_communes AS of_communes, in_province AS of_province
WHERE of_communes != of_province
ORDER BY province_code, starts_on, name
LIMIT {limit:UInt32}
