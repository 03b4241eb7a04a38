-- Steps of birth cases after the certificate: when they were sent for a personal number, when it was issued, whom they await.
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS personal_id_issued_on Nullable(Date) AFTER due_at;
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS personal_id_sent_on Nullable(Date) AFTER personal_id_issued_on;
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS waiting_for LowCardinality(String) AFTER personal_id_sent_on;
ALTER TABLE cases_current ADD COLUMN IF NOT EXISTS personal_id_issued_on Nullable(Date) AFTER due_at;
ALTER TABLE cases_current ADD COLUMN IF NOT EXISTS personal_id_sent_on Nullable(Date) AFTER personal_id_issued_on;
ALTER TABLE cases_current ADD COLUMN IF NOT EXISTS waiting_for LowCardinality(String) AFTER personal_id_sent_on;

-- A view keeps the columns of the day on which it was made.
DROP VIEW IF EXISTS case_facts;

CREATE VIEW IF NOT EXISTS case_facts AS
SELECT * FROM case_events FINAL LIMIT 1 BY event_id;
