-- Clocks that still run although their due instant, or a share of their time that is to be told, went by before the
-- watch last had its time: what should have been said about them was not said, or did not count.
SELECT
    issue_id,
    unit_code,
    clock_id,
    due_at < {watched_until:DateTime64(6, 'UTC')} AS is_due,
    if(is_due, 'was due', 'had used up a share of its time') AS what,
    if(is_due, due_at, least(remind_at, warn_at)) AS at
FROM issues_current FINAL
ARRAY JOIN
    clock_ids AS clock_id, clock_due_at AS due_at, clock_states AS clock_state,
    clock_remind_at AS remind_at, clock_warn_at AS warn_at
WHERE clock_state = 'running' AND least(due_at, remind_at, warn_at) < {watched_until:DateTime64(6, 'UTC')}
    AND state NOT IN ('withdrawn', 'closed')
ORDER BY at, clock_id
LIMIT {limit:UInt32}
