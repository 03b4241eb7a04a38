-- The cases behind a number of a form, the oldest first: those in some situations of a window. {situations} are texts of
-- what a situation consists of, as `case_situation` writes them.
{form listed}
FROM ({form cases}) AS one
WHERE case_situation IN {situations:Array(String)}
ORDER BY received_on, case_key
LIMIT {limit:UInt32}
