-- Marks that survive although a later state of their case no longer has them: every event writes all marks of its
-- state under its seq, so a surviving mark carries the seq of the latest state. Left behind where an event was
-- lost, or where a store that was restored went on from an older state.
SELECT case_key, mark_row.unit_code AS unit_code, day, mark, mark_row.seq AS mark_seq, latest.seq AS latest_seq
FROM (SELECT case_key, unit_code, day, mark, seq FROM case_marks FINAL) AS mark_row
INNER JOIN (SELECT case_key, max(seq) AS seq FROM case_events GROUP BY case_key) AS latest USING (case_key)
WHERE mark_row.seq < latest.seq
ORDER BY case_key, day, mark
LIMIT {limit:UInt32}
