"""Numbered migrations of the operational store, run by services/store/upgrade.py; an applied one is never edited."""
