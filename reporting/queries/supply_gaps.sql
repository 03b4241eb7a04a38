-- The register of places without signal, fixed Internet or power as their communes reported them: one row a difficulty,
-- what is open first and the oldest before the others; what is over only where it ended from {from} to {to}.
SELECT
    issue_id,
    unit_code,
    kind,
    stands,
    holder_body,
    people AS people_count,
    blocked AS blocked_count,
    escalation_id,
    bodies,
    dateDiff('day', reported_on, toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh')) AS days
FROM ({supply issues})
WHERE stands IN ('open', 'answered') OR ended_on BETWEEN {from:Date} AND {to:Date}
ORDER BY indexOf(['open', 'answered', 'ended', 'confirmed'], stands), reported_on, issue_id
