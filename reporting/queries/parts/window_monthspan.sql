-- The months of which the figures of a window are made: all before it, and those inside, but for the last.
month < toStartOfMonth({to:Date})
    AND (month < toStartOfMonth({from:Date}) OR month >= {from:Date})
