-- Cases of some units that wait, or waited, because data do not agree, or whose data were typed in again, a line each, as they
-- stand now; `days` are calendar days up to {at} or to the day on which the data agreed.
SELECT
    case_key,
    toString(unit_code) AS unit_code,
    toString(procedure_code) AS procedure_code,
    toString(field_code) AS field_code,
    toString(mismatch) AS data,
    toString(mismatch_body) AS owner,
    toString(entered_twice) AS twice,
    mismatch_from_on AS from_on,
    toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh') AS today,
    data != '' AND isNull(mismatch_to_on) AS is_on,
    data != '' AND NOT is_on AS is_over,
    if(data = '', NULL, toUInt32(greatest(0, ifNull(mismatch_to_on, today) - assumeNotNull(mismatch_from_on)))) AS days
FROM cases_current FINAL
WHERE unit_code IN {units:Array(String)} AND event_type != 'case.retracted' AND (mismatch != '' OR entered_twice != '')
