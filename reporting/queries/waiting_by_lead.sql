-- Hand-offs of some units to the bodies above them, by lead body, at the instant {at}: how many wait there, since when,
-- and of all of them how many have no lead (unassigned), came back (returned), wait for the commune to confirm, and were
-- answered. Only what a commune sent is counted; what the province sends on to a ministry belongs to it.
SELECT
    lead_body,
    countIf(is_waiting) AS waiting_count,
    countIf(is_open AND (awaits_office OR (lead_body = office_body AND is_with_lead))) AS unassigned_count,
    countIf((is_open AND is_returned) OR awaits_office) AS returned_count,
    countIf(is_root AND own_state = 'solution_claimed') AS confirming_count,
    countIf(step IN ('answered', 'closed')) AS answered_count,
    countIf(is_waiting AND days <= 7) AS week_count,
    countIf(is_waiting AND days BETWEEN 8 AND 30) AS month_count,
    countIf(is_waiting AND days > 30) AS longer_count,
    maxOrNullIf(days, is_waiting) AS oldest_days
FROM
(
    SELECT
        step,
        lead AS lead_body,
        concat(province_code, '.vp_ubnd') AS office_body,
        state NOT IN ('confirmed', 'closed', 'withdrawn') AS is_open,
        place = arrayLastIndex(one -> match(one, '^[0-9][0-9][0-9]'), escalation_from_bodies) AS is_root,
        step IN ('sent', 'acknowledged', 'accepted') AS is_with_lead,
        is_root AND step = 'returned' AS is_returned,
        -- What is answered waits for the office where it was passed on or disputed twice.
        is_root AND is_open AND NOT is_with_lead AND escalation_awaits_office[place] AS awaits_office,
        is_open AND (is_with_lead OR is_returned OR awaits_office) AS is_waiting,
        own_state,
        dateDiff('day', toDate(reported_at, 'Asia/Ho_Chi_Minh'), toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh')) AS days
    FROM issues_current FINAL
    ARRAY JOIN
        escalation_states AS step,
        escalation_bodies AS lead,
        escalation_from_bodies AS sender,
        arrayEnumerate(escalation_states) AS place
    WHERE unit_code IN {units:Array(String)}
        AND ({kind:String} = '' OR kind = {kind:String})
        AND lead != ''
        AND match(sender, '^[0-9][0-9][0-9]')
)
GROUP BY lead_body
ORDER BY waiting_count DESC, lead_body
