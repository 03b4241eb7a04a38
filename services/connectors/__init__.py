"""Readers of other systems' files."""
