-- Birth cases of the linked procedure that some units received in a window, a line each, as they stand now: which step each
-- has reached. Working days count from the day after reception; days on which the file was paused do not count. What states no
-- step, or a number from before its reception, is unknown: never on time, never late. {days_off_since}: days without work from
-- the first day of the window on; {newborn_off}: "procedure day" where a file received on that day off counts as received on
-- the working day at the same place of {newborn_begins}.
SELECT
    unit_code,
    field_code,
    awaited,
    isNotNull(sent_on) AS is_sent,
    isNotNull(issued_on) AS is_issued,
    NOT is_issued AND NOT is_too_early AND (is_sent OR awaited != '') AS is_waiting,
    NOT is_issued AND NOT is_waiting AS is_unknown,
    transform(procedure, {newborn_procedures:Array(String)}, {newborn_within:Array(UInt16)}, toUInt16(0)) AS within_days,
    transform(procedure, {newborn_procedures:Array(String)}, {newborn_verified:Array(UInt16)}, toUInt16(0)) AS verified_days,
    until - began
        - arrayCount(day -> day > began AND day <= until, {days_off_since:Array(Date)})
        - arraySum(
            (from_on, to_on) -> greatest(0, to_on - from_on + 1)
                - arrayCount(day -> day >= from_on AND day <= to_on, {days_off_since:Array(Date)}),
            arrayMap(day -> greatest(day, began + 1), pause_from),
            arrayMap(day -> least(ifNull(day, until + 1) - 1, until), pause_to)
        ) AS days_taken,
    is_issued AND days_taken <= within_days AS is_within,
    is_issued AND days_taken > within_days AND days_taken <= verified_days AS is_if_verified,
    is_issued AND days_taken > verified_days AS is_late,
    is_waiting AND days_taken > verified_days AS is_waiting_late
FROM
(
    SELECT
        toString(unit_code) AS unit_code,
        toString(field_code) AS field_code,
        toString(waiting_for) AS awaited,
        substring(procedure_code, 1, 8) AS procedure,
        personal_id_sent_on AS sent_on,
        ifNull(personal_id_issued_on < received_on, false) AS is_too_early,
        if(is_too_early, NULL, personal_id_issued_on) AS issued_on,
        indexOf({newborn_off:Array(String)}, concat(procedure, ' ', toString(assumeNotNull(received_on)))) AS off,
        if(off = 0, assumeNotNull(received_on), {newborn_begins:Array(Date)}[off]) AS began,
        greatest(began, ifNull(issued_on, {today:Date})) AS until,
        pause_from,
        pause_to
    FROM cases_current FINAL
    WHERE unit_code IN {units:Array(String)}
        AND event_type != 'case.retracted'
        AND substring(procedure_code, 1, 8) IN {newborn_procedures:Array(String)}
        AND received_on BETWEEN {from:Date} AND {to:Date}
        AND ifNull(close_kind, '') NOT IN ('withdrawn', 'stopped')
)
