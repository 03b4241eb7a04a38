-- Difficulties of some units that stop cases because data do not agree or are asked for again (population and VNeID, civil
-- status, the personal ID of newborns, land, papers that the state holds already), and that are not over at {at}.
SELECT
    one.issue_id AS issue_id,
    toString(one.unit_code) AS unit_code,
    toString(one.kind) AS kind,
    if(one.state IN ('solution_claimed', 'answered'), 'answered', 'open') AS stands,
    toString(one.holder_body) AS holder_body,
    JSONExtract(one.body, 'report', 'people_affected', 'Nullable(UInt32)') AS people_count,
    JSONExtract(one.body, 'report', 'cases_blocked', 'Nullable(UInt32)') AS blocked_count,
    dateDiff(
        'day', toDate(one.reported_at, 'Asia/Ho_Chi_Minh'), toDate({at:DateTime64(6, 'UTC')}, 'Asia/Ho_Chi_Minh')
    ) AS days,
    {issue root} AS root,
    if(
        root > 0 AND JSONExtractString(one.body, 'escalations', root, 'sent_at') != '', toString(one.escalation_ids[root]), ''
    ) AS escalation_id,
    {issue readers} AS bodies
FROM issues_current AS one FINAL
WHERE one.unit_code IN {units:Array(String)}
    AND one.kind IN ('vneid_household_mismatch', 'civil_status_db', 'newborn_personal_id', 'land_db_not_connected', 'duplicate_paper_demand')
    AND ({kind:String} = '' OR one.kind = {kind:String})
    AND one.state NOT IN ('confirmed', 'closed', 'withdrawn')
