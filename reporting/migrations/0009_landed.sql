-- Where in the log every fact lies, whatever its family: what audit and replay count positions by.
CREATE VIEW IF NOT EXISTS landed AS
SELECT epoch, toString(topic) AS topic, partition, offset FROM case_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM issue_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM problem_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM promise_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM source_events;
