"""Common problems: the fold, grouping, and what they owe their members."""
