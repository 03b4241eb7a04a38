-- Units by how much of what they recorded in a window put an earlier statement right, moved a due day, or moved a case to
-- another unit. A later step of a linked case puts nothing right.
SELECT
    unit_code,
    count() AS event_count,
    countIf(event_type = 'case.corrected' AND reason_code != 'later_step') AS corrected_count,
    countIf(event_type = 'case.extended') AS extended_count,
    countIf(event_type = 'case.transferred') AS transferred_count
FROM ({window records})
GROUP BY unit_code
ORDER BY corrected_count DESC, event_count DESC, unit_code
