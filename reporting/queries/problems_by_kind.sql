-- Per kind: problems that are still followed, and in how many provinces they lie, those of a province and the nation's.
SELECT
    kind,
    count() AS problem_count,
    length(groupUniqArrayArray(member_provinces)) AS province_count
FROM problems_current FINAL
WHERE state IN ('open', 'answered')
GROUP BY kind
ORDER BY kind
