-- The bodies that may read a difficulty `one`: those that held it, sent it, or got it sent.
arrayDistinct(arrayConcat(
    arrayMap(sender -> toString(sender), one.escalation_from_bodies),
    arrayFilter(
        (lead, sent_at) -> sent_at != '',
        arrayMap(lead -> toString(lead), one.escalation_bodies),
        arrayMap(place -> JSONExtractString(one.body, 'escalations', place, 'sent_at'), arrayEnumerate(one.escalation_bodies))
    ),
    arrayMap(held -> JSONExtractString(held, 'body'), JSONExtractArrayRaw(one.body, 'holdings'))
))
