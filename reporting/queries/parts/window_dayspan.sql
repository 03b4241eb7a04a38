-- The days of which the figures of a window are made: those of the month in which it begins, if it begins inside one, and
-- those of the month in which it ends, up to one more for what comes due. What arrives now counts in the last month, and
-- so at once.
day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
    AND (day < addMonths(toStartOfMonth({from:Date} - 1), 1) OR day >= toStartOfMonth({to:Date}))
