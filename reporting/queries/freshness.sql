-- How new the figures of some units are, by what they are of: when the newest was recorded, if there is any, and how many
-- minutes before the instant {at}. A feed that is heard shows that a commune is there, also where nothing happened.
SELECT
    topic,
    if(is_known, toNullable(newest), NULL) AS newest_at,
    if(is_known, toNullable(dateDiff('second', newest, {at:DateTime64(6, 'UTC')}) / 60), NULL) AS old_minutes
FROM
(
    SELECT 'cases' AS topic, max(recorded_at) AS newest, count() > 0 AS is_known, 1 AS place
    FROM case_events
    WHERE unit_code IN {units:Array(String)}
        AND recorded_on = (SELECT max(recorded_on) FROM case_events WHERE unit_code IN {units:Array(String)})
    UNION ALL
    SELECT 'issues', max(updated_at), count() > 0, 2
    FROM issues_current FINAL
    WHERE unit_code IN {units:Array(String)}
    UNION ALL
    SELECT 'promises', max(recorded_at), count() > 0, 3
    FROM promise_events
    WHERE splitByChar('/', toString(source))[4] IN {units:Array(String)}
    UNION ALL
    SELECT 'feeds', max(last_seen_at), count() > 0, 4
    FROM sources_current
    WHERE unit_code IN {units:Array(String)}
)
ORDER BY place
