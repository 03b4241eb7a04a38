-- What each partition of the log has landed: positions between the first and the last, and how many of them are
-- there. What was set aside is counted in by services/maintenance/audit.py.
SELECT
    epoch,
    topic,
    partition,
    min(offset) AS first_offset,
    max(offset) AS last_offset,
    uniqExact(offset) AS distinct_count,
    last_offset - first_offset + 1 - distinct_count AS missing_count
FROM landed
GROUP BY epoch, topic, partition
ORDER BY epoch, topic, partition
