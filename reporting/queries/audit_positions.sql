-- What each partition of the log has landed: positions between the first and the last, and how many of them are
-- there, dead letters counted in ({dead_*} are parallel arrays of what was set aside).
SELECT
    epoch,
    topic,
    partition,
    min(offset) AS first_offset,
    max(offset) AS last_offset,
    uniqExact(offset) AS distinct_count,
    last_offset - first_offset + 1 - distinct_count AS missing_count
FROM
(
    SELECT epoch, toString(topic) AS topic, partition, offset FROM case_events
    UNION ALL
    SELECT epoch, toString(topic) AS topic, partition, offset FROM issue_events
    UNION ALL
    SELECT epoch, toString(topic) AS topic, partition, offset FROM problem_events
    UNION ALL
    SELECT epoch, toString(topic) AS topic, partition, offset FROM promise_events
    UNION ALL
    SELECT epoch, toString(topic) AS topic, partition, offset FROM source_events
    UNION ALL
    SELECT dead.1 AS epoch, dead.2 AS topic, dead.3 AS partition, dead.4 AS offset
    FROM (
        SELECT arrayJoin(arrayZip(
            {dead_epochs:Array(UInt16)}, {dead_topics:Array(String)},
            {dead_partitions:Array(UInt16)}, {dead_offsets:Array(UInt64)}
        )) AS dead
    )
)
GROUP BY epoch, topic, partition
ORDER BY epoch, topic, partition
