-- Which cases a form over a window may count.
unit_code IN {units:Array(String)}
    AND received_on <= {to:Date}
    AND (closed_on IS NULL OR closed_on >= {from:Date} OR status_code = 8)
