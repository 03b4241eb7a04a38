-- What the figures of some units over a window are made of, as totals. A whole month stands on its first day.
SELECT unit_code, day, day BETWEEN {from:Date} AND {to:Date} AS inside, {marks: $mark}
FROM rollups_daily FINAL
WHERE {window days}
UNION ALL
SELECT unit_code, month AS day, month BETWEEN {from:Date} AND {to:Date} AS inside, {marks: $mark}
FROM rollups_monthly FINAL
WHERE {window months}
