arrayConcat(
    [('', [{marks: toUInt64($mark)}])],
    arrayMap(
        at -> (concat(groups.field_code[at], '|', groups.channel[at], '|'), [{marks: toUInt64(groups.$mark[at])}]),
        arrayEnumerate(groups.channel)
    )
)
