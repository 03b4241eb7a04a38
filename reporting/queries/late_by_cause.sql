-- Cases of some units that ended late in a window, by the cause that was named, as the facts tell it now; an empty cause is
-- none. `place_count` is in how many communes. {field} and {channel} may be empty.
SELECT
    fact.cause AS late_cause,
    count() AS late_count,
    uniqExact(held.unit_code) AS place_count
FROM
(
    SELECT one.case_key AS case_key, one.unit_code AS unit_code, {marks: bitTest(one.bits, $bit) AS $mark}
    FROM ({window held}) AS one
) AS held
INNER JOIN
(
    SELECT toFixedString(unhex(case_key), 32) AS case_key, argMax(toString(late_cause), seq) AS cause
    FROM case_events
    WHERE unit_code IN {units:Array(String)} AND recorded_on >= {from:Date} - 1
    GROUP BY case_key
) AS fact USING (case_key)
WHERE held.closed_late
GROUP BY late_cause
ORDER BY late_count DESC, late_cause
