-- Confirmed faults of the kinds {outage_kinds}, which excuse reports: the places in their area, the first and the last
-- local day on which they lasted, and the instant from which a feed owes signs again.
SELECT
    arrayMap(one -> toString(one), fault_unit_codes) AS units,
    toDate(began_at, 'Asia/Ho_Chi_Minh') AS first_on,
    toDate(ifNull(cleared_at, toDateTime64('2099-01-01 00:00:00', 6, 'UTC')), 'Asia/Ho_Chi_Minh') AS last_on,
    ifNull(cleared_at, toDateTime64('2099-01-01 00:00:00', 6, 'UTC')) AS mended_at
FROM issues_current FINAL
ARRAY JOIN fault_units AS fault_unit_codes, fault_began_at AS began_at, fault_cleared_at AS cleared_at
WHERE kind IN {outage_kinds:Array(String)}
