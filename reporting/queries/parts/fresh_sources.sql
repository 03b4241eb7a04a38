-- A feed that is heard shows that a commune is there, also where nothing happened.
SELECT max(last_seen_at) AS newest, count() > 0 AS is_known
FROM sources_current
WHERE unit_code IN {units:Array(String)}
