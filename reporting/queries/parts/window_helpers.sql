-- How many of the online cases of a group were filed by their people alone, and where the others were helped.
    count() AS online_count,
    countIf(row.helper != '') AS told_count,
    countIf(row.helper = 'nobody') AS alone_count,
    countIf(row.helper = 'counter') AS counter_count,
    countIf(row.helper = 'other_unit') AS other_unit_count,
    countIf(row.helper = 'home') AS home_count
