-- Difficulties about data that do not agree, of some units, by the body that has the next step: see the parts.
SELECT
    row.holder_body AS holder_body,
    {issue stopped}
FROM ({issue linked}) AS row
GROUP BY holder_body
ORDER BY open_count DESC, holder_body
