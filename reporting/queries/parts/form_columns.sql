-- What each case is to the window of a form, out of the columns of its state; FROM follows. The rule of
-- reporting/forms/situations.py over columns, and that of marks (case_states_to_marks) for the pauses.
SELECT
    case_key,
    toString(unit_code) AS unit,
    toString(field_code) AS field,
    toString(procedure_code) AS procedure,
    assumeNotNull(received_on) AS received,
    due_on AS due,
    closed_on AS closed,
    status_code AS status,
    toString(close_kind) AS kind,
    toString(channel) = 'online' AS is_online,
    if(received < {from:Date}, 'before', 'inside') AS arrived,
    multiIf(isNull(closed), '', closed < {from:Date}, 'before', closed <= {to:Date}, 'inside', 'after') AS ended,
    least(ifNull(closed, {to:Date}), {to:Date}) AS counts_on,
    multiIf(isNull(due), 'none', counts_on < due, 'before', counts_on = due, 'on', 'after') AS against_due,
    arraySort(arrayFilter(
        span -> span.2 > span.1,
        arrayMap(
            (a, b) -> (greatest(a, received), least(ifNull(b, toDate('2149-06-06')), ifNull(closed, toDate('2149-06-06')))),
            pause_from,
            pause_to
        )
    )) AS clipped,
    arrayFold(
        (merged, span) -> if(
            notEmpty(merged) AND merged[-1].2 >= span.1,
            arrayPushBack(arrayPopBack(merged), (merged[-1].1, greatest(merged[-1].2, span.2))),
            arrayPushBack(merged, span)
        ),
        clipped,
        CAST([], 'Array(Tuple(Date, Date))')
    ) AS spans,
    arrayFold(
        (first, span) -> if(
            span.1 < first AND span.2 >= first,
            if(span.2 = toDate('2149-06-06'), toDate('2149-06-06'), span.2 + 1),
            first
        ),
        spans,
        greatest(ifNull(due, toDate(0)) + 1, received)
    ) AS past_due_on,
    isNotNull(due) AND past_due_on <= counts_on AS is_late,
    arrayExists(span -> span.1 <= {to:Date} AND span.2 > {to:Date}, spans) AS at_rest,
    empty(pause_from) OR arrayMax(pause_from) <= {to:Date} AS asked_by_then,
    if(ended = 'inside' AND against_due = 'after', toString(late_cause), '') AS cause
