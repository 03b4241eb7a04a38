"""Dated tables, for the API."""
