-- Cases of some units that wait because data do not agree, by the body whose data they are: see the parts.
SELECT
    row.owner AS owner,
    {mismatch counts}
FROM ({mismatch cases}) AS row
WHERE row.data != ''
GROUP BY owner
ORDER BY on_count DESC, owner
