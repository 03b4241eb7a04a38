-- What some units recorded in a window, an event a line: of which step of a case it tells, on which day that step was, and
-- how many days later it was recorded. Cases that were old when they came in (backfill) say so. Nothing counts twice.
SELECT
    toString(unit_code) AS unit_code,
    event_type,
    reason_code,
    backfill,
    transform(
        event_type,
        ['case.submitted', 'case.received', 'case.refused', 'case.result_ready', 'case.returned_result'],
        ['submission', 'reception', 'refusal', 'result', 'handover'],
        ''
    ) AS step,
    multiIf(
        step = 'submission', toNullable(submitted_on),
        step = 'reception', received_on,
        step = 'refusal', refused_on,
        step = 'result', closed_on,
        step = 'handover', returned_on,
        NULL
    ) AS happened_on,
    toInt32(recorded_on - happened_on) AS late_days
FROM case_events FINAL
WHERE unit_code IN {units:Array(String)} AND recorded_on BETWEEN {from:Date} AND {to:Date}
LIMIT 1 BY event_id
