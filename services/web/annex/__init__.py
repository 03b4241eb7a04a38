"""The annex that an office sends with its report."""
