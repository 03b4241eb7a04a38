"""Filings: what communes confirmed for a period, what provinces accepted and closed, and what changed since. Pure."""
