-- Cases that say two things under one seq, and event ids that stand for two contents.
SELECT what, name, content_count
FROM
(
    SELECT
        'one seq, two states' AS what,
        concat(case_key, ' seq ', toString(seq)) AS name,
        uniqExact(tuple(
            unit_code, field_code, channel, submitted_on, received_on, refused_on, due_on, closed_on, close_kind,
            returned_on, pause_reasons, pause_from, pause_to, key_id, status_code, received_unit_code,
            helped_unit_code, procedure_code, applicant_kind, due_at, calendar_version, supplement_count,
            pause_known, personal_id_issued_on, personal_id_sent_on, waiting_for, source_overdue, online_payment,
            backfill, reason_code, assisted, age_band, late_cause, mismatch, mismatch_body,
            mismatch_from_on, mismatch_to_on, entered_twice, previous
        )) AS content_count
    FROM case_events
    GROUP BY case_key, seq
    HAVING content_count > 1
    UNION ALL
    SELECT
        'one id, two events' AS what,
        toString(event_id) AS name,
        uniqExact(tuple(case_key, seq, recorded_at, event_type)) AS content_count
    FROM case_events
    GROUP BY event_id
    HAVING content_count > 1
)
ORDER BY what, name
LIMIT {limit:UInt32}
