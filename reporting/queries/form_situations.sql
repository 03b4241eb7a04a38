-- What a form over a window counts of some units: how many cases of each field are in each situation. As many lines as
-- there are situations, however many cases there are; which column a situation counts in is a rule, and not said here.
{form counted}
FROM ({form cases}) AS one
GROUP BY ALL
ORDER BY ALL
