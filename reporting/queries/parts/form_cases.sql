-- The cases that a form over a window may count, a line each, as they are known now.
{form columns}
FROM cases_current FINAL
WHERE {form window} AND event_type != 'case.retracted'
