-- Difficulties reported by some units in a window, by unit.
SELECT
    unit_code,
    count() AS issue_count,
    countIf(state NOT IN ('closed', 'withdrawn')) AS open_count,
    countIf(state NOT IN ('closed', 'withdrawn') AND hasAny(clock_states, ['breached'])) AS breached_count,
    uniqExact(unit_code) AS unit_count,
    uniqExact(kind) AS kind_count,
    minOrNullIf(reported_at, state NOT IN ('closed', 'withdrawn')) AS oldest_open_at
FROM issues_current FINAL
WHERE unit_code IN {units:Array(String)}
    AND toDate(reported_at, 'Asia/Ho_Chi_Minh') BETWEEN {from:Date} AND {to:Date}
GROUP BY unit_code
ORDER BY issue_count DESC, unit_code
