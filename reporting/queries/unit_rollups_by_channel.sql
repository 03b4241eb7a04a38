-- Some units over a window, by channel: flows from {from} to {to}, what was carried in, and what stands at the end.
SELECT
    row.channel AS channel,
    {metrics}
FROM
(
    SELECT day, inside, parts[2] AS channel, {marks: n * (mark = '$mark') AS $mark}
    FROM
    (
        SELECT
            day, inside, arrayJoin(counts) AS pair, splitByChar('|', pair.1) AS parts, parts[3] AS mark, pair.2 AS n
        FROM ({window lines})
    )
) AS row
GROUP BY channel
ORDER BY channel
