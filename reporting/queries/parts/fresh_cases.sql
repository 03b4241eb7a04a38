SELECT max(recorded_at) AS newest, count() > 0 AS is_known
FROM case_events
WHERE unit_code IN {units:Array(String)}
    AND recorded_on = (SELECT max(recorded_on) FROM case_events WHERE unit_code IN {units:Array(String)})
