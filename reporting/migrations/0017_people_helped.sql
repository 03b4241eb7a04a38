-- Who helped to file a case, and of which band of age its applicant is: empty where no source says it.
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS assisted LowCardinality(String) AFTER reason_code;

ALTER TABLE case_events ADD COLUMN IF NOT EXISTS age_band LowCardinality(String) AFTER assisted;

-- A view keeps the columns of the day on which it was made.
DROP VIEW IF EXISTS case_facts;

CREATE VIEW IF NOT EXISTS case_facts AS
SELECT * FROM case_events FINAL LIMIT 1 BY event_id;
