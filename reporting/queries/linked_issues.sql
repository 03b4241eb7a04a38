-- The same one by one, what is not answered first and the oldest before the others: the list that the owner of the data gets.
SELECT issue_id, unit_code, kind, stands, holder_body, people_count, blocked_count, days, escalation_id, bodies
FROM ({issue linked})
ORDER BY stands != 'open', days DESC, issue_id
