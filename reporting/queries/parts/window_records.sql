-- What some units recorded in a window, an event a line: of which step of a case it tells, on which day that step was, and
-- how many days later it was recorded. Cases that were old when they came in (backfill) say so. Nothing counts twice.
-- What an import stated that was taken back is left out: the events by which it was, and all that stands before
-- `case.retracted` of its case.
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
FROM
(
    SELECT *
    FROM case_events FINAL
    WHERE unit_code IN {units:Array(String)} AND recorded_on BETWEEN {from:Date} AND {to:Date}
        AND reason_code != 'import_undone'
) AS fact
LEFT JOIN
(
    SELECT case_key, max(seq) AS retracted_seq
    FROM case_events
    WHERE unit_code IN {units:Array(String)} AND recorded_on >= {from:Date} - 1 AND event_type = 'case.retracted'
    GROUP BY case_key
) AS gone USING (case_key)
WHERE seq > gone.retracted_seq
LIMIT 1 BY event_id
