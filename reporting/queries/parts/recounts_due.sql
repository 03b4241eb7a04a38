-- Roll-ups whose latest note, among notes and marks since {since} of the engine's clock, is newer than their latest mark:
-- those that are due to be counted (services/streams/due_recounts.py).
SELECT span, starts_on, unit_code
FROM recounts_due
WHERE at >= {since:UInt64}
GROUP BY span, starts_on, unit_code
HAVING maxIf(at, NOT counted) > maxIf(at, counted)
