-- The feeds of some units: when each was last heard, what waits unsent, and for how long, at the instant {at}.
SELECT
    unit_code,
    last_seen_at,
    silent,
    outbox_count,
    oldest_unsent_at,
    case_seq,
    release,
    dateDiff('second', last_seen_at, {at:DateTime64(6, 'UTC')}) AS quiet_seconds,
    if(isNull(oldest_unsent_at), 0, dateDiff('second', assumeNotNull(oldest_unsent_at), {at:DateTime64(6, 'UTC')})) AS lag_seconds
FROM sources_current
WHERE unit_code IN {units:Array(String)}
ORDER BY unit_code
