-- When a feed of some units was last heard, if there is any, and how many of the units have one.
SELECT max(last_seen_at) AS as_of, count() > 0 AS is_known, uniqExact(unit_code) AS unit_count
FROM sources_current
WHERE unit_code IN {units:Array(String)}
