-- The medians over those of some communes that have figures: as many of them lie above as below. A commune without
-- figures is in no median; one of which nothing with a due day was resolved is in none of the shares.
SELECT
    count() AS peer_count,
    quantileExactInclusiveOrNull(0.5)(unit.received) AS received,
    quantileExactInclusiveOrNull(0.5)(unit.resolved) AS resolved,
    quantileExactInclusiveOrNull(0.5)(if(unit.finished > 0, (unit.resolved_early + unit.resolved_on_time) / unit.finished, NULL)) AS on_time_share,
    quantileExactInclusiveOrNull(0.5)(unit.open) AS open,
    quantileExactInclusiveOrNull(0.5)(unit.overdue) AS overdue,
    quantileExactInclusiveOrNull(0.5)(unit.asked_count) AS asked_count,
    quantileExactInclusiveOrNull(0.5)(if(unit.received > 0, unit.asked_count / unit.received, NULL)) AS asked_share,
    quantileExactInclusiveOrNull(0.5)(unit.paused) AS paused
FROM
(
    SELECT *, resolved_early + resolved_on_time + resolved_late AS finished
    FROM
    (
        SELECT row.unit_code AS unit_code, sumIf(row.paused_in, row.inside) AS asked_count, {metrics}
        FROM ({window lines}) AS row
        GROUP BY unit_code
    )
    WHERE submitted + received + resolved + refused + carried_over + open > 0
) AS unit
