-- Open difficulties of some units by the body that has the next step, at the instant {at}: how many, for how long, and how
-- many past a deadline that law or a document set, or past a reminder mark. Without a body nobody has the next step.
SELECT
    holder_body,
    count() AS open_count,
    countIf(days > 30) AS longer_count,
    max(days) AS oldest_days,
    countIf(arrayExists((clock, source) -> clock = 'breached' AND source = 'default', clock_states, clock_sources)) AS past_mark_count,
    countIf(arrayExists((clock, source) -> clock = 'breached' AND source != 'default', clock_states, clock_sources)) AS overdue_count
FROM
(
    SELECT
        toString(holder_body) AS holder_body,
        clock_states,
        clock_sources,
        dateDiff('day', toDate(reported_at, 'Asia/Ho_Chi_Minh'), toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh')) AS days
    FROM issues_current FINAL
    WHERE unit_code IN {units:Array(String)}
        AND state NOT IN ('confirmed', 'closed', 'withdrawn')
        AND ({kind:String} = '' OR kind = {kind:String})
)
GROUP BY holder_body
ORDER BY open_count DESC, oldest_days DESC, holder_body
