-- Some units together over a window: how often a case was set aside until its applicant supplies more, beside the rest.
SELECT
    sumIf(row.paused_in, row.inside) AS asked_count,
    {metrics}
FROM ({window lines}) AS row
