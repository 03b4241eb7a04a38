"""The page that shows every component in each state; only a demo has it."""
