-- The rows by day of some units of which the figures of a window are made.
unit_code IN {units:Array(String)} AND {window dayspan}
