-- As form_cases.sql, by the facts known at a point: when the period was filed.
{form listed}
FROM ({form known}) AS one
WHERE case_situation IN {situations:Array(String)}
ORDER BY received_on, case_key
LIMIT {limit:UInt32}
