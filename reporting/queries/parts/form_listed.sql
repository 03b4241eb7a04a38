SELECT
    lower(one.case_key) AS case_key,
    one.unit AS unit_code,
    one.field AS field_code,
    one.procedure AS procedure_code,
    one.status AS status_code,
    one.received AS received_on,
    one.due AS due_on,
    one.closed AS closed_on,
    arrayStringConcat(
        [
            one.field, toString(toUInt8(one.is_online)), one.arrived, one.ended, one.kind, toString(one.status),
            one.against_due, toString(toUInt8(one.is_late)), toString(toUInt8(one.at_rest)),
            toString(toUInt8(one.asked_by_then)), one.cause
        ],
        '|'
    ) AS case_situation
