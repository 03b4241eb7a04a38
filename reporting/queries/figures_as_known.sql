-- The figures of some units over a window by the facts known at a point, by unit, field and channel: a recount, beside
-- the roll-ups, which hold what is known now (parts/known_marks.sql).
SELECT
    row.unit_code AS unit_code,
    row.field_code AS field_code,
    row.channel AS channel,
    {metrics}
FROM
(
    SELECT unit_code, field_code, channel, day, day BETWEEN {from:Date} AND {to:Date} AS inside, {marks: name = '$mark' AS $mark}
    FROM ({known marks})
) AS row
GROUP BY unit_code, field_code, channel
ORDER BY unit_code, field_code, channel
