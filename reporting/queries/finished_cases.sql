-- The cases behind the times of a window, the longest first, each with how many there are without {limit}.
-- Without {procedures} they are those of every procedure.
SELECT
    lower(hex(row.case_key)) AS case_key,
    row.unit_code AS unit_code,
    row.field_code AS field_code,
    row.procedure_code AS procedure_code,
    row.received_on AS received_on,
    row.closed_on AS closed_on,
    row.taken_days AS taken_days,
    row.paused_days AS paused_days,
    row.supplement_count AS supplement_count,
    row.pause_known AS pause_known,
    count() OVER () AS all_count
FROM ({window finished}) AS row
WHERE empty({procedures:Array(String)}) OR row.procedure_code IN {procedures:Array(String)}
ORDER BY taken_days DESC, received_on, case_key
LIMIT {limit:UInt32}
