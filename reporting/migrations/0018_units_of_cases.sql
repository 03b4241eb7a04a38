-- In which units a case ever stood: the facts that a recount of a unit's cases needs in other units are found by it, in
-- place of a search of their keys in all facts (reporting/queries/parts/known_cases.sql).
--
-- Of the key its first eight bytes: a table a quarter as large, and a case that shares them with another costs a recount
-- some facts that it reads and does not use. So does a row without a fact; what must not be is a fact without a row.
CREATE TABLE IF NOT EXISTS case_units
(
    case_start UInt64,
    unit_code LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (case_start, unit_code)
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480;

-- In the statement that lands the facts, whoever lands them, a release before this one too; a batch of which it failed is
-- delivered again.
CREATE MATERIALIZED VIEW IF NOT EXISTS case_events_to_case_units TO case_units AS
SELECT reinterpretAsUInt64(unhex(substring(case_key, 1, 16))) AS case_start, unit_code
FROM case_events;

-- What landed before.
INSERT INTO case_units
SELECT reinterpretAsUInt64(unhex(substring(case_key, 1, 16))), unit_code FROM case_events;
