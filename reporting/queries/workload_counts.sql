-- What went through some communes in a window, by field and procedure: carried in, received, resolved, and open at its end.
-- The days are those of the metrics (reporting/cases/metrics.py): a case is open from its reception until the day before
-- it is closed.
SELECT
    toString(unit_code) AS unit_code,
    toString(field_code) AS field_code,
    toString(procedure_code) AS procedure_code,
    countIf(received_on < {from:Date}) AS carried_over,
    countIf(received_on >= {from:Date}) AS received,
    countIf(closed_on <= {to:Date}) AS resolved,
    countIf(closed_on IS NULL OR closed_on > {to:Date}) AS open
FROM cases_current FINAL
WHERE unit_code IN {units:Array(String)}
    AND event_type != 'case.retracted'
    AND received_on <= {to:Date}
    AND (closed_on IS NULL OR closed_on >= {from:Date})
GROUP BY unit_code, field_code, procedure_code
ORDER BY unit_code, field_code, procedure_code
