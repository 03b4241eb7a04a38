-- Difficulties about signal, fixed Internet and power of some units, each with where it stands: `open`, `answered` and not
-- yet confirmed, `confirmed`, or `ended` without a confirmation. What its commune withdrew is not among them.
SELECT
    one.issue_id AS issue_id,
    toString(one.unit_code) AS unit_code,
    toString(one.kind) AS kind,
    if(kind IN ('mobile_dead_spot', 'no_fixed_internet'), 'signal', 'power') AS supply,
    multiIf(
        one.state = 'confirmed' OR (one.state = 'closed' AND JSONExtractString(one.body, 'closed_reason') = 'confirmed'), 'confirmed',
        one.state = 'closed', 'ended',
        one.state IN ('solution_claimed', 'answered'), 'answered',
        'open'
    ) AS stands,
    toString(one.holder_body) AS holder_body,
    JSONExtract(one.body, 'report', 'people_affected', 'Nullable(UInt32)') AS people,
    JSONExtract(one.body, 'report', 'cases_blocked', 'Nullable(UInt32)') AS blocked,
    toDate(one.reported_at, 'Asia/Ho_Chi_Minh') AS reported_on,
    toDate(
        ifNull(parseDateTime64BestEffortOrNull(JSONExtractString(one.body, 'ended_at'), 6, 'UTC'), one.updated_at),
        'Asia/Ho_Chi_Minh'
    ) AS ended_on,
    {issue root} AS root,
    if(
        root > 0 AND JSONExtractString(one.body, 'escalations', root, 'sent_at') != '', toString(one.escalation_ids[root]), ''
    ) AS escalation_id,
    {issue readers} AS bodies
FROM issues_current AS one FINAL
WHERE one.unit_code IN {units:Array(String)}
    AND one.kind IN ('mobile_dead_spot', 'no_fixed_internet', 'no_grid_power', 'power_unstable')
    AND ({kind:String} = '' OR one.kind = {kind:String})
    AND one.state != 'withdrawn'
