-- The cases of some units that were finished in a window, a line each, with the time that they took. Withdrawn and stopped
-- ones are left out: nobody waited for their result. Time is in working days: {working_days} holds how many there were
-- from 1990-01-01 through each day. The day of reception counts for nobody, so that what ends on it took nought. From the
-- first day of a pause to the day before its last the clock stands still. {field} and {channel} may be empty.
SELECT
    held.case_key AS case_key,
    held.unit_code AS unit_code,
    held.field_name AS field_code,
    {marks: bitTest(held.bits, $bit) AS $mark},
    fact.latest.1 AS procedure_code,
    fact.latest.2 AS supplement_count,
    fact.latest.3 AS pause_known,
    fact.latest.4 AS online_payment,
    assumeNotNull(fact.latest.5) AS received_on,
    assumeNotNull(fact.latest.6) AS closed_on,
    {working_days:Array(UInt32)} AS through,
    toDate('1989-12-31') AS eve,
    toInt64(through[closed_on - eve]) - toInt64(through[received_on - eve]) AS office_days,
    arraySum(
        (since, until) -> greatest(
            toInt64(through[least(ifNull(until, closed_on), closed_on) - eve - 1])
                - toInt64(through[greatest(since, received_on + 1) - eve - 1]),
            0
        ),
        fact.latest.7,
        fact.latest.8
    ) AS paused_days,
    toUInt32(greatest(office_days - paused_days, 0)) AS taken_days
FROM
(
    {window held}
) AS held
INNER JOIN
(
    SELECT
        toFixedString(unhex(case_key), 32) AS case_key,
        argMax(
            (
                toString(procedure_code), supplement_count, pause_known, online_payment, received_on, closed_on, pause_from,
                pause_to, toString(close_kind)
            ),
            seq
        ) AS latest
    FROM case_events
    WHERE unit_code IN {units:Array(String)} AND recorded_on >= {from:Date} - 1
    GROUP BY case_key
) AS fact USING (case_key)
WHERE closed AND fact.latest.9 = 'finished' AND isNotNull(fact.latest.5) AND isNotNull(fact.latest.6)
