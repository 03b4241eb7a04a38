-- Facts of the cases that ever stood in some units: by the key, in every unit in which one of these cases ever stood, as
-- `case_units` holds it. Without the units the keys would be looked for in all facts of the nation.
unit_code IN
    (
        SELECT unit_code
        FROM case_units
        WHERE case_start IN
        (
            SELECT reinterpretAsUInt64(unhex(substring(case_key, 1, 16))) FROM case_events WHERE unit_code IN {units:Array(String)}
        )
    )
    AND case_key IN (SELECT case_key FROM case_events WHERE unit_code IN {units:Array(String)})
