-- Recount every day from the latest state of each case, straight from the facts, and show what differs from
-- rollups_daily, in its totals as in its groups. The rules of the view case_states_to_marks, stated as conditions on days instead of as a walk over spans;
-- tests/services/test_audit.py holds the two together.
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
        WITH
            toDate('2149-06-06') AS never,
            ifNull(closed_on, never) AS ended_on,
            arrayFilter(
                span -> span.2 > span.1,
                arrayMap(
                    (a, b) -> (greatest(a, assumeNotNull(received_on)), least(ifNull(b, never), ended_on)),
                    pause_from,
                    pause_to
                )
            ) AS spans,
            arrayDistinct(arrayFilter(s -> NOT arrayExists(x -> x.1 < s AND x.2 >= s, spans), spans.1)) AS rests,
            arrayDistinct(arrayFilter(e -> e < never AND NOT arrayExists(x -> x.1 <= e AND x.2 > e, spans), spans.2)) AS resumes,
            greatest(assumeNotNull(due_on) + 1, assumeNotNull(received_on)) AS past_due_on,
            arrayFilter(
                c -> c >= past_due_on AND c <= ended_on AND NOT arrayExists(x -> x.1 < c AND x.2 >= c, spans),
                arrayPushFront(arrayMap(e -> e + 1, resumes), past_due_on)
            ) AS late_days,
            isNotNull(due_on) AND notEmpty(late_days) AS is_late
        SELECT
            unit_code, field_code, channel,
            arrayJoin(arrayConcat(
                [(submitted_on, 'submitted')],
                if(isNull(refused_on), [], [(assumeNotNull(refused_on), 'refused')]),
                if(isNull(returned_on), [], [(assumeNotNull(returned_on), 'returned')]),
                if(isNull(received_on), [], arrayConcat(
                    [(assumeNotNull(received_on), 'opened')],
                    arrayMap(d -> (d, 'paused_in'), rests),
                    arrayMap(d -> (d, 'paused_out'), resumes),
                    if(is_late, [(arrayMin(late_days), 'overdue_in')], []),
                    if(isNull(closed_on), [], [
                        (ended_on, 'closed'),
                        (ended_on, multiIf(
                            close_kind != 'finished', concat('closed_', close_kind),
                            isNull(due_on), 'closed_undated',
                            is_late, 'closed_late',
                            ended_on < assumeNotNull(due_on), 'closed_early',
                            'closed_on_time'
                        ))
                    ]),
                    if(isNotNull(closed_on) AND is_late, [(ended_on, 'overdue_out')], [])
                ))
            )) AS mark
        FROM
        (
            SELECT
                latest.1 AS unit_code, latest.2 AS field_code, latest.3 AS channel, latest.4 AS submitted_on,
                latest.5 AS received_on, latest.6 AS refused_on, latest.7 AS due_on, latest.8 AS closed_on,
                latest.9 AS close_kind, latest.10 AS returned_on, latest.11 AS pause_from, latest.12 AS pause_to
            FROM
            (
                SELECT argMax(tuple(
                    toString(unit_code), toString(field_code), toString(channel), submitted_on, received_on,
                    refused_on, due_on, closed_on, toString(close_kind), returned_on, pause_from, pause_to
                ), seq) AS latest
                FROM case_events
                GROUP BY case_key
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
