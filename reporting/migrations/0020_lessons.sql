-- Facts about lessons of digital literacy: held in a village, or struck as a mistake. Lessons are folded when they are read.
CREATE TABLE IF NOT EXISTS lesson_events
(
    event_id UUID,
    event_type LowCardinality(String),
    source LowCardinality(String),
    lesson_id UUID,
    occurred_at DateTime64(6, 'UTC'),
    recorded_at DateTime64(6, 'UTC'),
    recorded_on Date DEFAULT toDate(recorded_at, 'Asia/Ho_Chi_Minh'),
    causation_id Nullable(UUID),
    actor_role LowCardinality(String),
    actor_unit LowCardinality(String),
    actor_body LowCardinality(String),
    on_behalf_of LowCardinality(String),
    body String,
    landed_at DateTime64(3, 'UTC') DEFAULT now64(3),
    epoch UInt16,
    topic LowCardinality(String),
    partition UInt16,
    offset UInt64
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(recorded_on)
ORDER BY (lesson_id, recorded_at, event_id, epoch, topic, partition, offset)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

CREATE VIEW IF NOT EXISTS lesson_facts AS
SELECT * FROM lesson_events FINAL ORDER BY epoch, topic, partition, offset LIMIT 1 BY event_id;

DROP VIEW IF EXISTS landed;

-- The view of 0015, with the facts about lessons.
CREATE VIEW IF NOT EXISTS landed AS
SELECT epoch, toString(topic) AS topic, partition, offset FROM case_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM issue_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM problem_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM promise_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM period_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM lesson_events
UNION ALL
SELECT epoch, toString(topic) AS topic, partition, offset FROM source_events;

-- Cases that wait because data do not agree: which data, whose they are, since when and until when; and what had to be
-- entered twice. Empty where no source states it.
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS mismatch LowCardinality(String) AFTER waiting_for;
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS mismatch_body LowCardinality(String) AFTER mismatch;
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS mismatch_from_on Nullable(Date) AFTER mismatch_body;
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS mismatch_to_on Nullable(Date) AFTER mismatch_from_on;
ALTER TABLE case_events ADD COLUMN IF NOT EXISTS entered_twice LowCardinality(String) AFTER mismatch_to_on;
ALTER TABLE cases_current ADD COLUMN IF NOT EXISTS mismatch LowCardinality(String) AFTER waiting_for;
ALTER TABLE cases_current ADD COLUMN IF NOT EXISTS mismatch_body LowCardinality(String) AFTER mismatch;
ALTER TABLE cases_current ADD COLUMN IF NOT EXISTS mismatch_from_on Nullable(Date) AFTER mismatch_body;
ALTER TABLE cases_current ADD COLUMN IF NOT EXISTS mismatch_to_on Nullable(Date) AFTER mismatch_from_on;
ALTER TABLE cases_current ADD COLUMN IF NOT EXISTS entered_twice LowCardinality(String) AFTER mismatch_to_on;

-- A view keeps the columns of the day on which it was made.
DROP VIEW IF EXISTS case_facts;

CREATE VIEW IF NOT EXISTS case_facts AS
SELECT * FROM case_events FINAL LIMIT 1 BY event_id;
