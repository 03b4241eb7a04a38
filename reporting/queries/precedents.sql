-- Issues whose answer their commune confirmed, one per answer: the members of a problem count together.
SELECT
    argMax(body, updated_at) AS latest,
    count() AS confirmed_count
FROM issues_current FINAL
WHERE province_code = {province:String}
    AND (empty({kinds:Array(String)}) OR kind IN {kinds:Array(String)})
    AND (state = 'confirmed' OR (state = 'closed' AND JSONExtractString(body, 'closed_reason') = 'confirmed'))
GROUP BY kind, if(problem_mark = 'confirmed', problem_id, issue_id) AS answer_id
ORDER BY max(updated_at) DESC, answer_id
LIMIT {per_kind:UInt32} BY kind
LIMIT {limit:UInt32}
