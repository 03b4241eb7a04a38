-- Lessons of digital literacy of some units by week, each named by its Monday, beside the difficulties of people who are not
-- used to online services that were reported in that week.
SELECT
    week,
    sum(is_lesson) AS lesson_count,
    sum(people) AS people_count,
    sumOrNull(confirmed) AS confirmed_count,
    sum(is_issue) AS issue_count
FROM
(
    SELECT
        toString(toMonday(row.held_on)) AS week,
        toUInt64(1) AS is_lesson,
        toUInt64(row.people_count) AS people,
        row.confirmed_count AS confirmed,
        toUInt64(0) AS is_issue
    FROM ({held lessons}) AS row
    WHERE row.held_on BETWEEN {from:Date} AND {to:Date}
    UNION ALL
    SELECT toString(toMonday(toDate(reported_at, 'Asia/Ho_Chi_Minh'))) AS week, 0, 0, NULL, 1
    FROM issues_current FINAL
    WHERE unit_code IN {units:Array(String)}
        AND kind = 'digital_illiteracy'
        AND toDate(reported_at, 'Asia/Ho_Chi_Minh') BETWEEN {from:Date} AND {to:Date}
)
GROUP BY week
ORDER BY week
