-- What boards outside the product need to read: names of codes, and three things of a difficulty's state without the
-- state itself, which such a reader may not see.

-- Names of units, bodies, kinds and levels as the dated tables have them today; `liencap migrate` writes them. A row that
-- left its table is marked as gone.
CREATE TABLE IF NOT EXISTS vocabularies
(
    vocabulary LowCardinality(String),
    code String,
    level LowCardinality(String),
    province_code LowCardinality(String),
    name_vi String,
    name_en String,
    version UInt64,
    gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
ORDER BY (vocabulary, code)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

ALTER TABLE issues_current ADD COLUMN IF NOT EXISTS own_state LowCardinality(String)
    MATERIALIZED JSONExtractString(body, 'state');
ALTER TABLE issues_current ADD COLUMN IF NOT EXISTS closed_reason LowCardinality(String)
    MATERIALIZED JSONExtractString(body, 'closed_reason');
ALTER TABLE issues_current ADD COLUMN IF NOT EXISTS escalation_awaits_office Array(Bool)
    MATERIALIZED arrayMap(
        one -> JSONExtractString(one, 'awaits_office_since') != '', JSONExtractArrayRaw(body, 'escalations')
    );
