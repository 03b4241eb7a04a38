-- The online cases that some units received in a window, a line each: who helped to file, empty where nobody says it, and
-- the band of age. Another unit that is named as the helper has helped, also where the source says no more.
SELECT
    held.unit_code AS unit_code,
    held.field_name AS field_code,
    {marks: bitTest(held.bits, $bit) AS $mark},
    assumeNotNull(fact.latest.1) AS received_on,
    multiIf(
        fact.latest.2 != '', fact.latest.2,
        fact.latest.4 NOT IN ('', held.unit_code), 'other_unit',
        ''
    ) AS helper,
    if(fact.latest.3 = '', 'unknown', fact.latest.3) AS age_band
FROM
(
    SELECT
        case_key,
        toString(unit_code) AS unit_code,
        groupBitOr(marks) AS bits,
        any(toString(field_code)) AS field_name
    FROM case_marks FINAL
    WHERE unit_code IN {units:Array(String)}
        AND day BETWEEN {from:Date} AND {to:Date}
        AND channel = 'online'
        AND ({field:String} = '' OR field_code = {field:String})
    GROUP BY case_key, unit_code
) AS held
INNER JOIN
(
    SELECT
        toFixedString(unhex(case_key), 32) AS case_key,
        argMax((received_on, toString(assisted), toString(age_band), toString(helped_unit_code)), seq) AS latest
    FROM case_events
    WHERE unit_code IN {units:Array(String)} AND recorded_on >= {from:Date} - 1
    GROUP BY case_key
) AS fact USING (case_key)
WHERE opened AND isNotNull(fact.latest.1)
