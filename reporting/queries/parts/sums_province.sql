transform(unit_code, {units:Array(String)}, {provinces:Array(String)}, '')
