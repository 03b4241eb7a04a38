-- What such difficulties of a group come to; people and cases are of the reports that state them, NULL where none does.
    countIf(row.stands = 'open') AS open_count,
    countIf(row.stands = 'answered') AS answered_count,
    uniqExact(row.unit_code) AS unit_count,
    max(row.days) AS oldest_days,
    toFloat64(quantileExactLow(0.5)(row.days)) AS median_days,
    sumOrNull(row.people_count) AS people_count,
    sumOrNull(row.blocked_count) AS blocked_count
