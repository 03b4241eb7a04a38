"""Periods that close: what a commune confirmed, what its province accepted and closed, and what changed since."""
