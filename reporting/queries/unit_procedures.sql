-- Procedures of some units over a window: what came and went, what asked for more papers, how long the finished took, and
-- in how many units and in which most were late. What is left and overdue is what came in the window. `field_codes` are the
-- fields that its cases name.
SELECT
    row.procedure_code AS procedure_code,
    {metrics},
    arraySort(groupUniqArray(row.field_code)) AS field_codes,
    countIf(row.opened AND row.supplement_count > 0) AS supplemented_count,
    countIf(row.is_left) AS left_count,
    countIf(row.is_left_overdue) AS left_overdue_count,
    -- Half and nine tenths of them were done within so many days: values of cases, and never one case too many.
    arraySort(groupArray(row.days_taken)) AS in_order,
    if(empty(in_order), NULL, toFloat64(in_order[intDiv(length(in_order) + 1, 2)])) AS median_days,
    if(empty(in_order), NULL, toFloat64(in_order[intDiv(9 * length(in_order) + 9, 10)])) AS long_days,
    count(row.days_taken) AS taken_count,
    countIf(row.has_dated_end) AS dated_count,
    -- A key whose sums are all nought is left out, so the cases are counted beside the late ones.
    sumMapIf([row.unit_code], [toInt64(row.closed_late)], [toInt64(1)], row.has_dated_end) AS by_unit,
    arrayZip(by_unit.1, by_unit.2) AS lateness,
    {window lateness}
FROM ({window cases}) AS row
GROUP BY procedure_code
ORDER BY received DESC, procedure_code
