-- As form_situations.sql, by the facts known at a point: when the period was filed.
{form counted}
FROM ({form known}) AS one
GROUP BY ALL
ORDER BY ALL
