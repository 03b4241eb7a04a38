SELECT max(updated_at) AS newest, count() > 0 AS is_known
FROM issues_current FINAL
WHERE unit_code IN {units:Array(String)}
