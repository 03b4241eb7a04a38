-- A case that an import made by mistake and that was taken back: the state of `case.retracted` only takes back, like a
-- former state, so that none of its marks is left. Nothing is inserted anew: no fact of this type is older.
DROP VIEW IF EXISTS case_fact_states;

CREATE VIEW IF NOT EXISTS case_fact_states AS
SELECT
    case_key, seq, unit_code, field_code, channel, submitted_on, received_on, refused_on, due_on, closed_on, close_kind,
    returned_on, pause_from, pause_to, event_type = 'case.retracted' AS former, recorded_on, landed_at
FROM case_events
UNION ALL
SELECT
    case_key, seq, was.unit_code, was.field_code, was.channel, was.submitted_on, was.received_on, was.refused_on,
    was.due_on, was.closed_on, was.close_kind, was.returned_on, was.pauses.from_on, was.pauses.to_on, true AS former,
    recorded_on, landed_at
FROM
(
    SELECT
        case_key, seq, recorded_on, landed_at,
        JSONExtract(previous, 'Tuple(
            unit_code LowCardinality(String), field_code LowCardinality(String), channel LowCardinality(String),
            submitted_on Date, received_on Nullable(Date), refused_on Nullable(Date), due_on Nullable(Date),
            closed_on Nullable(Date), close_kind LowCardinality(String), returned_on Nullable(Date),
            pauses Array(Tuple(from_on Date, to_on Nullable(Date)))
        )') AS was
    FROM case_events
    WHERE previous != ''
);
