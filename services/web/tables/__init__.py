"""Dated tables, for the JSON API."""
