-- Births of a window by the step that each has reached; every birth is of exactly one, and a step without births has a row.
SELECT one.step AS step, found.birth_count AS birth_count, found.field_codes AS field_codes
FROM
(
    SELECT arrayJoin(['within', 'if_verified', 'late', 'waiting', 'waiting_late', 'unknown']) AS step
) AS one
LEFT JOIN
(
    SELECT
        multiIf(
            is_within, 'within',
            is_if_verified, 'if_verified',
            is_late, 'late',
            is_waiting_late, 'waiting_late',
            is_waiting, 'waiting',
            'unknown'
        ) AS step,
        count() AS birth_count,
        groupUniqArray(field_code) AS field_codes
    FROM
    (
        {newborn cases}
    )
    GROUP BY step
) AS found USING (step)
