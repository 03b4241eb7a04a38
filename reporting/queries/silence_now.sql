-- The units of some, each with its kind of silence on the running day, at the instant {at}.
SELECT unit_code, kind, basis, last_seen_at
FROM
(
    {silence now}
)
ORDER BY unit_code
