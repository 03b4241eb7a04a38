-- The latest state of each case among the facts that the rest of the statement names: WHERE, GROUP BY case_key, a
-- HAVING without the cases that were taken back, and a parenthesis follow.
SELECT
    case_key, latest.1 AS unit_code, latest.2 AS field_code, latest.3 AS channel, latest.4 AS submitted_on,
    latest.5 AS received_on, latest.6 AS refused_on, latest.7 AS due_on, latest.8 AS closed_on,
    latest.9 AS close_kind, latest.10 AS returned_on, latest.11 AS pause_from, latest.12 AS pause_to
FROM
(
    SELECT case_key, argMax(tuple(
        toString(unit_code), toString(field_code), toString(channel), submitted_on, received_on,
        refused_on, due_on, closed_on, toString(close_kind), returned_on, pause_from, pause_to
    ), seq) AS latest
    FROM case_events
