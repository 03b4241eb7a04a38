-- Some units together over a window: the sum of what province_overview says about each.
SELECT
    length(arrayDistinct({units:Array(String)})) AS unit_count,
    {metrics}
FROM ({window lines}) AS row
