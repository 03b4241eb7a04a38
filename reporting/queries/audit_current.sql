-- Cases whose row in cases_current is not the latest that the facts hold.
SELECT case_key, max(fact_seq) AS fact_seq, max(current_seq) AS current_seq
FROM
(
    SELECT case_key, max(seq) AS fact_seq, 0 AS current_seq FROM case_events GROUP BY case_key
    UNION ALL
    SELECT case_key, 0 AS fact_seq, seq AS current_seq FROM cases_current FINAL
)
GROUP BY case_key
HAVING fact_seq != current_seq
ORDER BY case_key
LIMIT {limit:UInt32}
