-- The events of some cases that are not among the facts known at a point (parts/known_facts.sql), the earliest first.
-- An event may stand twice in the log, and a restored log has every one anew: known once, it is no later event.
-- They are looked for in the units in which these cases ever stood. {places} and {offsets} tell apart what was appended later from what had been set aside.
WITH stood AS
(
    SELECT unit_code
    FROM case_units
    WHERE case_start IN (SELECT reinterpretAsUInt64(unhex(substring(arrayJoin({cases:Array(String)}), 1, 16))))
)
SELECT
    toString(event_id) AS event_id, case_key, toString(event_type) AS event_type, toString(reason_code) AS reason_code,
    epoch < {epoch:UInt16}
        OR epoch = {epoch:UInt16} AND toInt64(offset) <= transform(
            concat(toString(topic), '/', toString(partition)), {places:Array(String)}, {offsets:Array(Int64)}, {elsewhere:Int64}
        ) AS was_set_aside
FROM
(
    SELECT event_id, case_key, event_type, reason_code, seq, epoch, topic, partition, offset
    FROM case_events FINAL
    WHERE unit_code IN (SELECT unit_code FROM stood) AND case_key IN {cases:Array(String)} AND NOT ({known facts})
        AND event_id NOT IN (SELECT event_id FROM case_events WHERE unit_code IN (SELECT unit_code FROM stood) AND case_key IN {cases:Array(String)} AND ({known facts}))
    LIMIT 1 BY event_id
)
ORDER BY case_key, seq
