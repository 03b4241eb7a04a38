-- How many positions of a range of one partition are among the facts, and how many of those in {offsets}.
SELECT
    groupBitmap(offset) AS landed_count,
    groupBitmapIf(offset, offset IN {offsets:Array(UInt64)}) AS among_count
FROM landed
WHERE epoch = {epoch:UInt16} AND topic = {topic:String} AND partition = {partition:UInt16}
    AND offset >= {start:UInt64} AND offset < {stop:UInt64}
