-- The marks that the cases of some units have by the facts known at a point: those up to an offset of each partition of
-- an epoch ({places} and {offsets}; in places not named there, {elsewhere}) without those in its gaps, which had not landed
-- then, and recorded before {until}. A case that went
-- to another unit since counts as the facts known then say, so its facts in every unit are read.
SELECT case_key, unit_code, field_code, channel, mark.1 AS day, mark.2 AS name
FROM
(
    {recount marks}
    FROM
    (
        {recount states}
            WHERE {known facts}
                AND {known cases}
            GROUP BY case_key
            HAVING argMax(event_type, seq) != 'case.retracted'
        )
    )
)
WHERE unit_code IN {units:Array(String)}
