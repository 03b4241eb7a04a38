-- What a form over a window counts of some units: how many cases of each field are in each situation. As many lines as
-- there are situations, however many cases there are; which column a situation counts in is a rule, and not said here.
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
    count() AS case_count
FROM ({form cases}) AS one
GROUP BY ALL
ORDER BY ALL
