-- What some units received over a window, of each field by channel: a row for each field, a column for each channel.
SELECT
    row.field_code AS field_code,
    sumIf(row.opened, row.inside AND row.channel = 'counter') AS counter_count,
    sumIf(row.opened, row.inside AND row.channel = 'online') AS online_count,
    sumIf(row.opened, row.inside AND row.channel = 'post') AS post_count,
    sumIf(row.opened, row.inside AND row.channel = 'unknown') AS unknown_count
FROM ({window groups}) AS row
GROUP BY field_code
HAVING counter_count + online_count + post_count + unknown_count > 0
ORDER BY field_code
