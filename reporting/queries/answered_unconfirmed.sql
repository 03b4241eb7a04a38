-- Difficulties of some units that were answered and that their commune has not confirmed, the longest answered first, at
-- the instant {at}: one row each.
SELECT
    one.issue_id AS issue_id,
    toString(one.unit_code) AS unit_code,
    toString(one.kind) AS kind,
    toString(one.state) AS stands,
    {issue root} AS root,
    if(root > 0, toString(one.escalation_bodies[root]), JSONExtractString(one.body, 'joined', 'body')) AS answered_by,
    parseDateTime64BestEffortOrNull(
        if(
            JSONExtractString(one.body, 'joined', 'answer', 'at') != '',
            JSONExtractString(one.body, 'joined', 'answer', 'at'),
            JSONExtractString(one.body, 'escalations', root, 'answer', 'at')
        ), 6, 'UTC'
    ) AS answered_at,
    dateDiff('day', toDate(answered_at, 'Asia/Ho_Chi_Minh'), toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh')) AS days,
    {issue readers} AS bodies
FROM issues_current AS one FINAL
WHERE one.unit_code IN {units:Array(String)}
    AND one.state IN ('solution_claimed', 'answered')
    AND ({kind:String} = '' OR one.kind = {kind:String})
ORDER BY answered_at, issue_id
