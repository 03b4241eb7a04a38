-- Hand-offs of difficulties reported in a window, by lead body: sent, answered, and apart from that what became of the
-- answer at the commune (confirmed, disputed), and what was returned. An answer is not yet an end.
SELECT
    lead_body,
    count() AS sent_count,
    countIf(step IN ('answered', 'closed')) AS answered_count,
    countIf(is_root AND is_confirmed) AS confirmed_count,
    countIf(is_root AND own_state = 'disputed') AS disputed_count,
    countIf(step = 'returned') AS returned_count
FROM
(
    SELECT
        step,
        lead AS lead_body,
        place = arrayLastIndex(one -> match(one, '^[0-9][0-9][0-9]'), escalation_from_bodies) AS is_root,
        own_state,
        -- The product closes what its commune confirmed.
        own_state = 'confirmed' OR (own_state = 'closed' AND closed_reason = 'confirmed') AS is_confirmed
    FROM issues_current FINAL
    ARRAY JOIN
        escalation_states AS step,
        escalation_bodies AS lead,
        escalation_from_bodies AS sender,
        arrayEnumerate(escalation_states) AS place
    WHERE unit_code IN {units:Array(String)}
        AND ({kind:String} = '' OR kind = {kind:String})
        AND toDate(reported_at, 'Asia/Ho_Chi_Minh') BETWEEN {from:Date} AND {to:Date}
        AND lead != ''
        AND match(sender, '^[0-9][0-9][0-9]')
)
GROUP BY lead_body
ORDER BY sent_count DESC, lead_body
