-- The months of which the figures of a window are made: all before it, and those inside, but for the last.
unit_code IN {units:Array(String)}
    AND month < toStartOfMonth({to:Date})
    AND (month < toStartOfMonth({from:Date}) OR month >= {from:Date})
