-- The facts about the villages of some units in the order of the log, from which the register is folded.
SELECT toString(spot_id) AS spot_id, body
FROM promise_facts
WHERE spot_id IN
(
    SELECT spot_id
    FROM promise_events
    WHERE event_type = 'promise.listed' AND splitByChar('/', toString(source))[4] IN {units:Array(String)}
)
ORDER BY epoch, topic, partition, offset
