-- The units among some whose figures of the running day nobody knows, and why, the longest quiet first, at the instant {at}.
SELECT unit_code, kind, basis, last_seen_at, quiet_days
FROM
(
    {silence now}
)
WHERE kind NOT IN ('reported', 'true_zero')
ORDER BY quiet_days DESC NULLS LAST, unit_code
