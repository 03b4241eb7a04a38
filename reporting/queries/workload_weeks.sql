-- What some communes received together in each week of a window, by field and procedure; a week begins on its Monday.
SELECT
    toMonday(assumeNotNull(received_on)) AS week,
    toString(field_code) AS field_code,
    toString(procedure_code) AS procedure_code,
    count() AS case_count
FROM cases_current FINAL
WHERE unit_code IN {units:Array(String)} AND received_on BETWEEN {from:Date} AND {to:Date}
    AND event_type != 'case.retracted'
GROUP BY week, field_code, procedure_code
ORDER BY week, field_code, procedure_code
