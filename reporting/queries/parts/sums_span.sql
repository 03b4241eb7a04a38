unit_code IN {units:Array(String)} AND day BETWEEN toStartOfMonth({from:Date}) AND {to:Date} + 1
