-- Difficulties about data that do not agree, of some units, by kind: see the parts.
SELECT
    row.kind AS kind,
    {issue stopped}
FROM ({issue linked}) AS row
GROUP BY kind
ORDER BY open_count DESC, kind
