-- Where the source marks cases as overdue, its mark beside ours, by unit: a case counts as overdue by us where it was late by
-- {today}, whether it has ended or not. Cases without a mark of their source are in none of the numbers.
SELECT
    toString(unit_code) AS unit_code,
    countIf(theirs = ours) AS equal_count,
    countIf(ours AND NOT theirs) AS ours_only_count,
    countIf(theirs AND NOT ours) AS theirs_only_count
FROM
(
    SELECT
        unit_code,
        assumeNotNull(source_overdue) AS theirs,
        toFixedString(unhex(case_key), 32) IN
        (
            SELECT case_key
            FROM
            (
                SELECT case_key, {marks: bitTest(marks, $bit) AS $mark}
                FROM case_marks FINAL
                WHERE unit_code IN {units:Array(String)} AND day <= {today:Date}
            )
            WHERE overdue_in
        ) AS ours
    FROM cases_current FINAL
    WHERE unit_code IN {units:Array(String)} AND isNotNull(source_overdue) AND event_type != 'case.retracted'
)
GROUP BY unit_code
ORDER BY unit_code
