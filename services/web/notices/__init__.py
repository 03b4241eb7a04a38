"""Notices, for pages."""
