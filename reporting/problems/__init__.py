"""Common problems: the fold, grouping, and the events between a problem and its members."""
