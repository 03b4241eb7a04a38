-- The facts of cases known at a point; see parts/known_marks.sql.
recorded_at < {until:DateTime64(6, 'UTC')}
    AND (
        epoch < {epoch:UInt16}
        OR epoch = {epoch:UInt16} AND toInt64(offset) <= transform(
            concat(toString(topic), '/', toString(partition)), {places:Array(String)}, {offsets:Array(Int64)}, {elsewhere:Int64}
        )
            AND NOT arrayExists(
                (place, first, last) -> place = concat(toString(topic), '/', toString(partition)) AND toInt64(offset) BETWEEN first AND last,
                {gap_places:Array(String)}, {gap_firsts:Array(Int64)}, {gap_lasts:Array(Int64)}
            )
    )
