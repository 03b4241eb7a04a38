-- The cases of some units that came or went in a window, a line each: what counts of them there, and what their facts
-- say. A case counts where its marks do, so that sums over procedures are those of the roll-ups; what is recorded of a
-- day is recorded on it or later, but for the error of a clock. {field} and {channel} may be empty.
SELECT
    held.unit_code AS unit_code,
    held.field_name AS field_code,
    {to:Date} AS day,
    true AS inside,
    {marks: bitTest(held.bits, $bit) AS $mark},
    closed_early OR closed_on_time OR closed_late AS has_dated_end,
    opened AND NOT closed AS is_left,
    is_left AND overdue_in AND NOT overdue_out AS is_left_overdue,
    fact.latest.1 AS procedure_code,
    fact.latest.2 AS supplement_count,
    fact.latest.3 AS has_due_day,
    fact.latest.4 AS pause_known,
    if(fact.latest.5 = 'finished' AND closed, toNullable(fact.latest.7 - fact.latest.6), NULL) AS days_taken
FROM
(
    {window held}
) AS held
LEFT JOIN
(
    SELECT
        toFixedString(unhex(case_key), 32) AS case_key,
        argMax(
            (
                toString(procedure_code), supplement_count, isNotNull(due_on), pause_known, toString(close_kind),
                received_on, closed_on
            ),
            seq
        ) AS latest
    FROM case_events
    WHERE unit_code IN {units:Array(String)} AND recorded_on >= {from:Date} - 1
    GROUP BY case_key
) AS fact USING (case_key)
WHERE opened OR closed
