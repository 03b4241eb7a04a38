-- How new the figures of some units are: when the newest of their cases was recorded; zero cases mean no figures at all.
SELECT max(recorded_at) AS as_of, count() AS case_count
FROM cases_current
WHERE unit_code IN {units:Array(String)}
