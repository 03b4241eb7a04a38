-- Facts of cases of which `case_units` does not hold the unit: a recount of another unit by the facts known at a point
-- would not find them there.
SELECT DISTINCT case_key, toString(unit_code) AS unit_code
FROM case_events
WHERE (reinterpretAsUInt64(unhex(substring(case_key, 1, 16))), unit_code) NOT IN (SELECT case_start, unit_code FROM case_units)
ORDER BY case_key, unit_code
LIMIT {limit:UInt32}
