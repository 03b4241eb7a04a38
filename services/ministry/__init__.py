"""The ministry: aggregates, and the escalations addressed to it."""
