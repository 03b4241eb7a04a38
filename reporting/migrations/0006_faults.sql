-- Faults on which others depend, each time that an issue was confirmed to be one, and which faults an issue waits for.
ALTER TABLE issues_current
    ADD COLUMN IF NOT EXISTS fault_ids Array(UUID) AFTER clock_warn_at,
    ADD COLUMN IF NOT EXISTS fault_units Array(Array(LowCardinality(String))) AFTER fault_ids,
    ADD COLUMN IF NOT EXISTS fault_began_at Array(DateTime64(6, 'UTC')) AFTER fault_units,
    ADD COLUMN IF NOT EXISTS fault_confirmed_at Array(DateTime64(6, 'UTC')) AFTER fault_began_at,
    ADD COLUMN IF NOT EXISTS fault_cleared_at Array(Nullable(DateTime64(6, 'UTC'))) AFTER fault_confirmed_at,
    ADD COLUMN IF NOT EXISTS suppressed_by Array(UUID) AFTER fault_cleared_at;
