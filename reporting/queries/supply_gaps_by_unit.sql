-- Where signal, fixed Internet and power are missing, by unit; {units} and {groups} are parallel arrays: under which unit
-- each commune is counted. A unit without any such difficulty has no row.
SELECT
    transform(unit_code, {units:Array(String)}, {groups:Array(String)}, '') AS group_code,
    {supply counts},
    countIf(supply = 'signal' AND stands IN ('open', 'answered')) AS signal_count,
    countIf(supply = 'power' AND stands IN ('open', 'answered')) AS power_count
FROM ({supply issues})
GROUP BY group_code
HAVING open_count + answered_count + confirmed_count + ended_count > 0
ORDER BY open_count DESC, answered_count DESC, group_code
