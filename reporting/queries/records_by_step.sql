-- What some units recorded in a window, by the step of a case: how many steps, how many of them more than {late_record} days after
-- they happened, and half and nine tenths of them within how many days. Old cases of a first import are counted apart.
SELECT
    step,
    countIf(NOT backfill) AS record_count,
    countIf(NOT backfill AND late_days > {late_record:UInt32}) AS late_record_count,
    countIf(backfill) AS backfill_count,
    -- Half and nine tenths of them were done within so many days: values of cases, and never one case too many.
    arraySort(groupArrayIf(greatest(assumeNotNull(late_days), 0), NOT backfill)) AS in_order,
    if(empty(in_order), NULL, toFloat64(in_order[intDiv(length(in_order) + 1, 2)])) AS median_days,
    if(empty(in_order), NULL, toFloat64(in_order[intDiv(9 * length(in_order) + 9, 10)])) AS long_days
FROM ({window records})
WHERE step != '' AND isNotNull(late_days)
GROUP BY step
ORDER BY late_record_count DESC, record_count DESC, step
