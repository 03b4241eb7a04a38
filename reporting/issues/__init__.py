"""Issues and escalations: the fold, clocks, permissions, follow-ups."""
