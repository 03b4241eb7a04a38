-- How new the figures of some units are: when the newest event of their cases was recorded, if there is any. Asked of
-- the facts: a row of cases_current that a later one has replaced is there until the engine merges the two.
SELECT max(recorded_at) AS as_of, count() > 0 AS is_known
FROM case_events
WHERE unit_code IN {units:Array(String)}
    AND recorded_on = (SELECT max(recorded_on) FROM case_events WHERE unit_code IN {units:Array(String)})
