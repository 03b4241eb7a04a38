-- The cases that some units received on days off in a window, by procedure: those whose due day we computed, which another
-- reading of when their time begins would move. A due day that the source stated stands.
SELECT procedure_code, count() AS case_count
FROM
(
    SELECT
        case_key,
        argMax((toString(procedure_code), toString(calendar_version), received_on, event_type), seq) AS latest
    FROM case_events
    WHERE unit_code IN {units:Array(String)} AND recorded_on >= {from:Date} - 1
    GROUP BY case_key
)
ARRAY JOIN [substring(latest.1, 1, 8)] AS procedure_code
WHERE latest.2 != '' AND latest.3 IN {days_off:Array(Date)} AND latest.4 != 'case.retracted'
GROUP BY procedure_code
ORDER BY procedure_code
