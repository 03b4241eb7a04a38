"""Figures of units, for pages and the API."""
