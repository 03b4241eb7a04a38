"""The page of one issue, for every level: what was written, who has it, why, what happened, and the acts."""
