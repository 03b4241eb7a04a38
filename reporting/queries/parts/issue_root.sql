-- The place of the latest hand-off of a difficulty `one` that its commune sent; 0 where there is none.
arrayLastIndex(sender -> match(sender, '^[0-9][0-9][0-9]'), one.escalation_from_bodies)
