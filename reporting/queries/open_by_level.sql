-- Open difficulties of some units by the level whose body has the next step, at the instant {at}: how many, how many of
-- their communes, since when, and how many stand past a deadline that law or a document set, or past a reminder mark.
-- Three rows always: a level with nothing is a row of zeros.
SELECT
    level,
    countIf(is_open) AS open_count,
    uniqExactIf(unit_code, is_open) AS unit_count,
    countIf(is_open AND is_overdue) AS overdue_count,
    countIf(is_open AND is_past_mark) AS past_mark_count,
    countIf(is_open AND days <= 7) AS week_count,
    countIf(is_open AND days BETWEEN 8 AND 30) AS month_count,
    countIf(is_open AND days > 30) AS longer_count,
    maxOrNullIf(days, is_open) AS oldest_days
FROM
(
    SELECT
        true AS is_open,
        unit_code,
        multiIf(
            match(holder_body, '^[0-9][0-9][0-9]'), 'commune', match(holder_body, '^[0-9][0-9][.]'), 'province', 'ministry'
        ) AS level,
        arrayExists((clock, source) -> clock = 'breached' AND source != 'default', clock_states, clock_sources) AS is_overdue,
        arrayExists((clock, source) -> clock = 'breached' AND source = 'default', clock_states, clock_sources) AS is_past_mark,
        dateDiff('day', toDate(reported_at, 'Asia/Ho_Chi_Minh'), toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh')) AS days
    FROM issues_current FINAL
    WHERE unit_code IN {units:Array(String)}
        AND state NOT IN ('confirmed', 'closed', 'withdrawn')
        AND ({kind:String} = '' OR kind = {kind:String})
    UNION ALL
    SELECT false, '', arrayJoin(['commune', 'province', 'ministry']), false, false, 0
)
GROUP BY level
ORDER BY indexOf(['commune', 'province', 'ministry'], level)
