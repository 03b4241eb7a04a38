-- Which thresholds an issue has reached.
ALTER TABLE issues_current ADD COLUMN IF NOT EXISTS signals Array(LowCardinality(String)) AFTER suppressed_by;
