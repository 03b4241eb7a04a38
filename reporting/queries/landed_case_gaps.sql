-- The newest gaps below the last position of each partition of cases in an epoch: records that have not landed there,
-- because they were set aside. Only partitions that lack a position are put in order.
SELECT topic, partition, toUInt64(before + 1) AS first, toUInt64(at - 1) AS last
FROM
(
    SELECT topic, partition, at, lagInFrame(at, 1, -1) OVER (PARTITION BY topic, partition ORDER BY at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
    FROM
    (
        SELECT DISTINCT toString(topic) AS topic, partition, toInt64(offset) AS at
        FROM case_events
        WHERE epoch = {epoch:UInt16} AND (topic, partition) IN
        (
            SELECT topic, partition
            FROM case_events
            WHERE epoch = {epoch:UInt16}
            GROUP BY topic, partition
            HAVING max(offset) + 1 != groupBitmap(offset)
        )
    )
)
WHERE at > before + 1
ORDER BY last DESC, topic, partition
LIMIT {limit:UInt32}
