-- What the finished cases of a group say of the time that they took, of more papers and of payment. The median and
-- the ninth tenth are the least number of days within which so many of them were done: values of cases, never between two.
    count() AS finished_count,
    arraySort(groupArray(row.taken_days)) AS in_order,
    toFloat64(in_order[intDiv(finished_count + 1, 2)]) AS median_days,
    toFloat64(in_order[intDiv(9 * finished_count + 9, 10)]) AS long_days,
    countIf(row.paused_days > 0) AS paused_count,
    countIf(NOT row.pause_known) AS unknown_pause_count,
    countIf(row.supplement_count > 0) AS supplemented_count,
    countIf(row.supplement_count > 1) AS again_count,
    countIf(isNotNull(row.online_payment)) AS payment_known_count,
    countIf(ifNull(row.online_payment, false)) AS paid_online_count
