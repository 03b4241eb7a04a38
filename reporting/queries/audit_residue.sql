-- Marks that survive although a later state of their case no longer has them: every event writes all the days of its
-- state under its seq, so a surviving row carries the seq of the latest state. Left behind where an event was lost, or
-- where a store that was restored went on from an older state.
SELECT
    case_key,
    held.unit_code AS unit_code,
    day,
    arrayJoin(arrayFilter((name, bit) -> bitTest(marks, bit), [{marks: '$mark'}], [{marks: $bit}])) AS mark,
    intDiv(held.version, 2) AS mark_seq,
    latest.seq AS latest_seq
FROM (SELECT lower(hex(case_key)) AS case_key, unit_code, day, marks, version FROM case_marks FINAL) AS held
INNER JOIN (SELECT case_key, max(seq) AS seq FROM case_events GROUP BY case_key) AS latest USING (case_key)
WHERE intDiv(held.version, 2) < latest.seq
ORDER BY case_key, day, mark
LIMIT {limit:UInt32}
