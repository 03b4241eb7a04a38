-- How many units of some are of each kind of silence on the running day, at the instant {at}; a kind without units has a row too.
SELECT one.kind AS kind, one.kind AS todo, found.unit_count AS unit_count, found.longest_days AS longest_days
FROM
(
    SELECT arrayJoin(['source_broken', 'known_outage', 'not_reported', 'true_zero', 'reported']) AS kind
) AS one
LEFT JOIN
(
    SELECT kind, count() AS unit_count, max(quiet_days) AS longest_days
    FROM
    (
        {silence now}
    )
    GROUP BY kind
) AS found USING (kind)
