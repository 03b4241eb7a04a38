-- When a share of each clock's time is used up of which its holder is still to be told; its due instant where nothing is.
ALTER TABLE issues_current
    ADD COLUMN IF NOT EXISTS clock_remind_at Array(DateTime64(6, 'UTC')) DEFAULT clock_due_at AFTER clock_sources,
    ADD COLUMN IF NOT EXISTS clock_warn_at Array(DateTime64(6, 'UTC')) DEFAULT clock_due_at AFTER clock_remind_at;
