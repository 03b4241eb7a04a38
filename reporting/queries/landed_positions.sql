-- How many positions of a range of one partition are among the facts, and how many of those in {offsets}.
SELECT
    groupBitmap(offset) AS landed_count,
    groupBitmapIf(offset, is_given) AS among_count
FROM
(
    SELECT offset, offset IN {offsets:Array(UInt64)} AS is_given
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
