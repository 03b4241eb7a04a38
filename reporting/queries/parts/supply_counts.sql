-- The counts over lines of parts/supply_issues.sql, from {from} to {to} and at the instant {at}. People and cases are
-- those of what is not over; where no report states them they are nothing, which is no nought.
countIf(stands = 'open') AS open_count,
countIf(stands = 'answered') AS answered_count,
countIf(stands = 'confirmed' AND ended_on BETWEEN {from:Date} AND {to:Date}) AS confirmed_count,
countIf(stands = 'ended' AND ended_on BETWEEN {from:Date} AND {to:Date}) AS ended_count,
maxOrNullIf(dateDiff('day', reported_on, toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh')), stands IN ('open', 'answered')) AS oldest_days,
sumOrNullIf(people, stands IN ('open', 'answered')) AS people_count,
sumOrNullIf(blocked, stands IN ('open', 'answered')) AS blocked_count
