-- Pauses of some units that began in a window, by cause, as the facts tell them at the end of {to}: a pause counts where
-- the clock of its case stood still for a day at least. `case_count` are the cases of the window, of which the share is.
-- A row for each cause always: a cause that nobody gave is a row of zeros. {field} and {channel} may be empty.
WITH of_window AS
(
    SELECT case_key, {marks: bitTest(groupBitOr(marks), $bit) AS $mark}
    FROM case_marks FINAL
    WHERE unit_code IN {units:Array(String)}
        AND day BETWEEN {from:Date} AND {to:Date}
        AND ({field:String} = '' OR field_code = {field:String})
        AND ({channel:String} = '' OR channel = {channel:String})
    GROUP BY case_key
)
SELECT
    reason,
    (SELECT count() FROM of_window) AS case_count,
    uniqExactIf(case_key, is_pause) AS paused_case_count,
    countIf(is_pause) AS pause_count,
    countIf(is_pause AND is_on) AS on_count,
    countIf(is_pause AND NOT is_on) AS ended_count,
    -- Half and nine tenths of them were done within so many days: values of cases, and never one case too many.
    arraySort(groupArrayIf(days, is_pause AND NOT is_on)) AS in_order,
    if(empty(in_order), NULL, toFloat64(in_order[intDiv(length(in_order) + 1, 2)])) AS median_days,
    if(empty(in_order), NULL, toFloat64(in_order[intDiv(9 * length(in_order) + 9, 10)])) AS long_days
FROM
(
    SELECT
        case_key,
        true AS is_pause,
        toString(reason) AS reason,
        isNull(until) OR until > {to:Date} AS is_on,
        toUInt32(if(is_on, 0, assumeNotNull(until) - since)) AS days
    FROM
    (
        SELECT case_key, argMax((pause_reasons, pause_from, pause_to), seq) AS latest
        FROM case_events
        WHERE unit_code IN {units:Array(String)}
            AND recorded_on >= {from:Date} - 1
            AND case_key IN (SELECT lower(hex(case_key)) FROM of_window WHERE paused_in)
        GROUP BY case_key
    )
    ARRAY JOIN latest.1 AS reason, latest.2 AS since, latest.3 AS until
    WHERE since BETWEEN {from:Date} AND {to:Date} AND (isNull(until) OR until > since)
    UNION ALL
    SELECT '' AS case_key, false, arrayJoin(['supplement', 'fee']), false, 0
)
GROUP BY reason
ORDER BY pause_count DESC, reason
