-- What counts of the cases of some units in a window, a line each. {field} and {channel} may be empty.
SELECT
    case_key,
    toString(unit_code) AS unit_code,
    groupBitOr(marks) AS bits,
    any(toString(field_code)) AS field_name
FROM case_marks FINAL
WHERE unit_code IN {units:Array(String)}
    AND day BETWEEN {from:Date} AND {to:Date}
    AND ({field:String} = '' OR field_code = {field:String})
    AND ({channel:String} = '' OR channel = {channel:String})
GROUP BY case_key, unit_code
