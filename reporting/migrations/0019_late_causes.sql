-- Why a case ended late: a key of late_causes.csv, empty where nobody named it.
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS late_cause LowCardinality(String) AFTER waiting_for;

ALTER TABLE cases_current ADD COLUMN IF NOT EXISTS late_cause LowCardinality(String) AFTER waiting_for;

-- A view keeps the columns of the day on which it was made.
DROP VIEW IF EXISTS case_facts;

CREATE VIEW IF NOT EXISTS case_facts AS
SELECT * FROM case_events FINAL LIMIT 1 BY event_id;
