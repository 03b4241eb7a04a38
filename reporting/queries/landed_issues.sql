-- Up to when difficulties of some units have landed, if there is any, and how many of the units ever reported one.
SELECT max(updated_at) AS as_of, count() > 0 AS is_known, uniqExact(unit_code) AS unit_count
FROM issues_current FINAL
WHERE unit_code IN {units:Array(String)}
