-- Records set aside in the 30 minutes before {at}, by topic and reason. One that was set aside twice, as after a crash,
-- counts once, when it was first seen.
SELECT topic, reason, count() AS letter_count
FROM
(
    SELECT topic, argMin(reason, number) AS reason, min(first_seen_at) AS seen_at
    FROM dead_letters
    GROUP BY topic, epoch, partition, offset
)
WHERE seen_at > {at:DateTime64(6, 'UTC')} - INTERVAL 30 MINUTE
GROUP BY topic, reason
ORDER BY letter_count DESC, topic, reason
