-- What each case of some units counts in the figures over a window by the facts known at a point; the rule is that of
-- figures_as_known.sql, a case a line. Stocks of cases that ended before are no line of it.
SELECT
    row.case_key AS case_key,
    row.unit_code AS unit_code,
    row.field_code AS field_code,
    row.channel AS channel,
    {metrics}
FROM
(
    SELECT case_key, unit_code, field_code, channel, day, day BETWEEN {from:Date} AND {to:Date} AS inside, {marks: name = '$mark' AS $mark}
    FROM ({known marks})
) AS row
GROUP BY case_key, unit_code, field_code, channel
HAVING countIf(row.inside) > 0 OR open != 0 OR carried_over != 0 OR overdue != 0 OR paused != 0
ORDER BY case_key, unit_code, field_code, channel
