-- The newest position of every partition of cases that has landed, in the newest epoch that has facts.
SELECT epoch, toString(topic) AS topic, partition, max(offset) AS offset
FROM case_events
WHERE epoch = (SELECT max(epoch) FROM case_events)
GROUP BY epoch, topic, partition
ORDER BY topic, partition
