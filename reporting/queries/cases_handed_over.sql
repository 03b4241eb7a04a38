-- The cases that stood in several of some units and moved by a fact that is not known at a point (parts/known_facts.sql),
-- each with those of the units in which it ever stood. Any fact may say that a case moved, not `case.transferred` alone.
SELECT case_key, arraySort(groupUniqArray(toString(unit_code))) AS unit_codes
FROM case_events
WHERE unit_code IN {units:Array(String)} AND case_key IN
(
    SELECT case_key
    FROM case_events
    WHERE unit_code IN {units:Array(String)} AND NOT ({known facts})
)
GROUP BY case_key
HAVING length(unit_codes) > 1
ORDER BY case_key
