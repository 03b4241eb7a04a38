-- How what was late lies: in many places alike, or most of it in one. `lateness` holds (place, how many were late) of the
-- places that ended a case with a due day. Below {common_communes} places there is nothing to compare, and less than
-- {recurrence_count} late ones in a place are chance.
    length(lateness) AS place_count,
    arrayCount(one -> one.2 > 0, lateness) AS late_place_count,
    arraySum(one -> one.2, lateness) AS late_count,
    arrayReverseSort(one -> (one.2, one.1), arrayPushBack(lateness, ('', 0)))[1] AS most_late,
    if(most_late.2 > 0, toNullable(most_late.1), NULL) AS most_late_place,
    toUInt64(most_late.2) AS most_late_count,
    multiIf(
        late_count = 0, 'none',
        place_count < {common_communes:UInt32}, 'few',
        most_late_count >= {recurrence_count:UInt32} AND 100 * most_late_count >= {late_single:UInt32} * late_count, 'single',
        late_place_count >= {common_communes:UInt32} AND 100 * late_place_count >= {late_common:UInt32} * place_count, 'common',
        'several'
    ) AS pattern
