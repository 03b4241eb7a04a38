-- The cases of some units that wait because data do not agree, the longest first: the list that the owner of the data gets.
-- {owner} may be empty; each row has how many there are without {limit}.
SELECT case_key, unit_code, procedure_code, field_code, data, owner, from_on, days, count() OVER () AS all_count
FROM ({mismatch cases})
WHERE is_on AND ({owner:String} = '' OR owner = {owner:String})
ORDER BY days DESC, case_key
LIMIT {limit:UInt32}
