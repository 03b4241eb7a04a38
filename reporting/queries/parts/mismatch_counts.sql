-- What such cases of a group come to; the days are of those that still wait.
    countIf(row.is_on) AS on_count,
    countIf(row.is_over) AS over_count,
    uniqExactIf(row.unit_code, row.is_on) AS unit_count,
    maxOrNullIf(row.days, row.is_on) AS longest_days,
    toFloat64(quantileExactLowOrNullIf(0.5)(assumeNotNull(row.days), row.is_on)) AS median_days
