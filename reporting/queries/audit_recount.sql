-- Recount every day from the latest state of each case, straight from the facts, and show what differs from
-- rollups_daily, in its totals as in its groups.
SELECT
    unit_code,
    day,
    name,
    sum(counted) AS recounted,
    sum(held) AS stored
FROM
(
    SELECT
        unit_code,
        mark.1 AS day,
        arrayJoin([mark.2, concat(field_code, '|', channel, '|', mark.2)]) AS name,
        count() AS counted,
        0 AS held
    FROM
    (
        {recount marks}
        FROM
        (
            {recount states}
                GROUP BY case_key
                HAVING argMax(event_type, seq) != 'case.retracted'
            )
        )
    )
    GROUP BY unit_code, day, name
    UNION ALL
    SELECT unit_code, day, concat(place, pair.1) AS name, 0 AS counted, pair.2 AS held
    FROM
    (
        SELECT
            toString(unit_code) AS unit_code, day, '' AS place,
            arrayJoin(arrayFilter(one -> one.2 != 0, [{marks: ('$mark', $mark)}])) AS pair
        FROM rollups_daily FINAL
        UNION ALL
        SELECT
            toString(unit_code) AS unit_code, day, concat(field_code, '|', channel, '|') AS place,
            arrayJoin(arrayFilter(one -> one.2 != 0, [{marks: ('$mark', of_$mark)}])) AS pair
        FROM rollups_daily FINAL
        ARRAY JOIN groups.field_code AS field_code, groups.channel AS channel, {marks: groups.$mark AS of_$mark}
    )
)
GROUP BY unit_code, day, name
HAVING recounted != stored
ORDER BY unit_code, day, name
LIMIT {limit:UInt32}
