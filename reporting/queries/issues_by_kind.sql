-- Difficulties reported by some units in a window, by kind: how many, how many still open, in how many places.
SELECT
    kind,
    count() AS issue_count,
    countIf(state NOT IN ('closed', 'withdrawn')) AS open_count,
    countIf(state NOT IN ('closed', 'withdrawn') AND hasAny(clock_states, ['breached'])) AS breached_count,
    uniqExact(unit_code) AS unit_count,
    uniqExact(province_code) AS province_count,
    minOrNullIf(reported_at, state NOT IN ('closed', 'withdrawn')) AS oldest_open_at
FROM issues_current FINAL
WHERE unit_code IN {units:Array(String)}
    AND toDate(reported_at, 'Asia/Ho_Chi_Minh') BETWEEN {from:Date} AND {to:Date}
GROUP BY kind
ORDER BY issue_count DESC, kind
