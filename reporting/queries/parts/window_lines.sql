-- What the figures of some units over a window are made of: the days from the month's first on, one more for what comes
-- due, and each month before them whole.
SELECT unit_code, day, day BETWEEN {from:Date} AND {to:Date} AS inside, {marks: $mark}, counts
FROM rollups_daily FINAL
WHERE unit_code IN {units:Array(String)} AND day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
UNION ALL
SELECT unit_code, month AS day, false AS inside, {marks: $mark}, counts
FROM rollups_monthly FINAL
WHERE unit_code IN {units:Array(String)} AND month < toStartOfMonth({from:Date})
