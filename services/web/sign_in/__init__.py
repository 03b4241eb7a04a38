"""Signing in and out, sessions."""
