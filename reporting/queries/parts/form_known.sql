-- The same by the facts known at a point (parts/known_facts.sql): what a form said when its period was filed.
{form columns}
FROM
(
    SELECT
        case_key, latest.1 AS unit_code, latest.2 AS field_code, latest.3 AS procedure_code, latest.4 AS received_on,
        latest.5 AS due_on, latest.6 AS closed_on, latest.7 AS status_code, latest.8 AS close_kind, latest.9 AS channel,
        latest.10 AS pause_from, latest.11 AS pause_to, latest.12 AS late_cause
    FROM
    (
        SELECT case_key, argMax(tuple(
            toString(unit_code), toString(field_code), toString(procedure_code), received_on, due_on, closed_on,
            status_code, toString(close_kind), toString(channel), pause_from, pause_to, toString(late_cause)
        ), seq) AS latest, argMax(event_type, seq) AS latest_type
        FROM case_events
        WHERE {known facts}
            AND {known cases}
        GROUP BY case_key
    )
    WHERE latest_type != 'case.retracted'
)
WHERE {form window}
