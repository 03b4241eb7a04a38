"""The periodic annex of difficulties that an office sends with its report."""
