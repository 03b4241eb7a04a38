-- Per problem: how many issues belong to it, and apart from each other how many were answered, how many wait for
-- their commune to confirm a solution (claimed), how many confirmed and how many dispute it.
SELECT
    problem_id,
    count() AS member_count,
    countIf(problem_mark != 'joined') AS answered_count,
    countIf(problem_mark = 'claimed') AS claimed_count,
    countIf(problem_mark = 'confirmed') AS confirmed_count,
    countIf(problem_mark = 'disputed') AS disputed_count,
    uniqExact(unit_code) AS unit_count,
    uniqExact(province_code) AS province_count
FROM issues_current FINAL
WHERE problem_id IN {problems:Array(UUID)} AND state != 'withdrawn'
GROUP BY problem_id
