-- The cases of some units that came or went in a window, by what is missing in them: a line for each check, with how many
-- cases it looks at. {procedures} are the codes that the table knows, {unknown_field} the field of what names none.
SELECT
    check.1 AS check_name,
    check.2 AS failing_count,
    check.3 AS checked_count
FROM
(
    SELECT arrayJoin([
        ('no_due_day', countIf(row.opened AND NOT row.has_due_day), countIf(row.opened)),
        ('no_procedure', countIf(row.procedure_code = ''), count()),
        (
            'unknown_procedure',
            countIf(row.procedure_code != '' AND NOT has({procedures:Array(String)}, substring(row.procedure_code, 1, 8))),
            countIf(row.procedure_code != '')
        ),
        ('unknown_field', countIf(row.field_code = {unknown_field:String}), count()),
        ('pauses_unknown', countIf(NOT row.pause_known), count())
    ]) AS check
    FROM ({window cases}) AS row
)
ORDER BY failing_count DESC, check_name
