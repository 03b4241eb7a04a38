-- How many positions of a range of one partition are among the facts, and how many of those in {refused}, which a
-- replay could not read.
SELECT
    groupBitmap(offset) AS landed_count,
    groupBitmapIf(offset, is_refused) AS refused_count
FROM
(
    SELECT offset, offset IN {refused:Array(UInt64)} AS is_refused
    FROM
    (
        SELECT epoch, toString(topic) AS topic, partition, offset FROM case_events
        UNION ALL
        SELECT epoch, toString(topic) AS topic, partition, offset FROM issue_events
        UNION ALL
        SELECT epoch, toString(topic) AS topic, partition, offset FROM source_events
    )
    WHERE epoch = {epoch:UInt16} AND topic = {topic:String} AND partition = {partition:UInt16}
        AND offset >= {start:UInt64} AND offset < {stop:UInt64}
)
