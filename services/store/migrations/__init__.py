"""Numbered migrations of the operational store, run by store_upgrade.py; an applied one is never edited."""
