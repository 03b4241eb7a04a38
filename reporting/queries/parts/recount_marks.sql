-- The marks of cases, a line each, out of their latest states (parts/recount_states.sql): the rules of the view
-- case_states_to_marks, stated as conditions on days instead of as a walk over spans; tests/services/test_audit.py holds
-- the two together. FROM follows.
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
    case_key, unit_code, field_code, channel,
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
