-- Signal and power apart: reported from {from} to {to}, restored there (its commune confirmed) and after how many days,
-- and what was not over at the end of {to}. Two rows, of zeros where there is nothing, unless nobody reports.
SELECT
    supply,
    max(is_reporting) AS is_reporting,
    countIf(reported_on BETWEEN {from:Date} AND {to:Date}) AS reported_count,
    countIf(stands = 'confirmed' AND ended_on BETWEEN {from:Date} AND {to:Date}) AS restored_count,
    quantileExactInclusiveOrNullIf(0.5)(
        dateDiff('day', reported_on, ended_on), stands = 'confirmed' AND ended_on BETWEEN {from:Date} AND {to:Date}
    ) AS median_days,
    countIf(is_lasting) AS lasting_count,
    uniqExactIf(unit_code, is_lasting) AS unit_count,
    maxOrNullIf(dateDiff('day', reported_on, {to:Date}), is_lasting) AS oldest_days
FROM
(
    SELECT
        supply, stands, reported_on, ended_on, unit_code, true AS is_reporting,
        reported_on <= {to:Date} AND (stands IN ('open', 'answered') OR ended_on > {to:Date}) AS is_lasting
    FROM ({supply issues})
    UNION ALL
    SELECT
        arrayJoin(['signal', 'power']) AS supply, '', toDate(0), toDate(0), '',
        (SELECT count() FROM issues_current WHERE unit_code IN {units:Array(String)}) > 0, false
)
GROUP BY supply
ORDER BY indexOf(['signal', 'power'], supply)
