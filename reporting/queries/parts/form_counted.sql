SELECT
    one.field AS field_code,
    one.is_online AS is_online,
    one.arrived AS arrived,
    one.ended AS ended,
    one.kind AS close_kind,
    one.status AS status_code,
    one.against_due AS against_due,
    one.is_late AS is_late,
    one.at_rest AS at_rest,
    one.asked_by_then AS asked_by_then,
    one.cause AS late_cause,
    count() AS case_count
