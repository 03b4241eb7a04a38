-- Where signal, fixed Internet and power are missing, by kind: what is open, answered and not confirmed, confirmed or
-- ended otherwise from {from} to {to}, since when, people and cases concerned. A kind with nothing is a row of zeros,
-- unless the units never reported any difficulty.
SELECT
    kind,
    max(is_reporting) AS is_reporting,
    {supply counts},
    uniqExactIf(unit_code, stands IN ('open', 'answered')) AS unit_count
FROM
(
    SELECT kind, stands, reported_on, ended_on, people, blocked, unit_code, true AS is_reporting
    FROM ({supply issues})
    UNION ALL
    SELECT
        arrayJoin(['mobile_dead_spot', 'no_fixed_internet', 'no_grid_power', 'power_unstable']) AS kind,
        '', toDate(0), toDate(0), NULL, NULL, '',
        (SELECT count() FROM issues_current WHERE unit_code IN {units:Array(String)}) > 0
)
WHERE {kind:String} = '' OR kind = {kind:String}
GROUP BY kind
ORDER BY indexOf(['mobile_dead_spot', 'no_fixed_internet', 'no_grid_power', 'power_unstable'], kind)
