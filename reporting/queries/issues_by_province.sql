-- Difficulties reported by some units in a window, by province.
-- A deadline that nobody set (source default) is a reminder mark: passing it is never counted as overdue.
SELECT
    province_code,
    count() AS issue_count,
    countIf(state NOT IN ('confirmed', 'closed', 'withdrawn')) AS open_count,
    countIf(state NOT IN ('confirmed', 'closed', 'withdrawn') AND arrayExists((clock, source) -> clock = 'breached' AND source != 'default', clock_states, clock_sources)) AS breached_count,
    uniqExact(unit_code) AS unit_count,
    uniqExact(kind) AS kind_count,
    minOrNullIf(reported_at, state NOT IN ('confirmed', 'closed', 'withdrawn')) AS oldest_open_at
FROM issues_current FINAL
WHERE unit_code IN {units:Array(String)}
    AND toDate(reported_at, 'Asia/Ho_Chi_Minh') BETWEEN {from:Date} AND {to:Date}
GROUP BY province_code
ORDER BY issue_count DESC, province_code
