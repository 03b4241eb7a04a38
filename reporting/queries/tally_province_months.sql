-- Sum the communes of some (province, month) keys: one row per key that has any, with the checksum of the rows it is made of.
-- {months} and {keys} are parallel arrays of the keys, {units} and {provinces} of communes and their provinces. {version} is
-- the engine's clock, read before this runs. A commune without groups has no counts, and is in the checksum all the same.
SELECT
    province_code,
    month,
    {version:UInt64} AS version,
    made_of,
    unit_codes,
    {marks: $mark},
    groups.1 AS `groups.field_code`,
    groups.2 AS `groups.channel`,
    {marks: tupleElement(groups, $bit + 3) AS `groups.$mark`}
FROM
(
    SELECT
        province_code,
        month,
        sum(line.made_of) AS made_of,
        arraySort(groupArrayArray(line.held_units)) AS unit_codes,
        {marks: sum(line.n_$mark) AS $mark},
        arraySort(groupArrayIf((field_code, channel, {marks: line.n_$mark}), line.is_counted)) AS groups
    FROM
    (
        SELECT
            {sums province} AS province_code,
            month,
            place > 0 AS is_counted,
            field_code,
            channel,
            sumIf({sums row}, place <= 1) AS made_of,
            groupArrayIf(unit_code, place <= 1) AS held_units,
            {marks: sum(of_$mark) AS n_$mark}
        FROM rollups_monthly FINAL
        LEFT ARRAY JOIN
            arrayEnumerate(groups.channel) AS place,
            groups.field_code AS field_code,
            groups.channel AS channel,
            {marks: groups.$mark AS of_$mark}
        WHERE unit_code IN {units:Array(String)}
            AND month BETWEEN arrayMin({months:Array(Date)}) AND arrayMax({months:Array(Date)})
            AND ({sums province}, month) IN (SELECT arrayJoin(arrayZip({keys:Array(String)}, {months:Array(Date)})))
        GROUP BY province_code, month, is_counted, field_code, channel
    ) AS line
    GROUP BY province_code, month
)
