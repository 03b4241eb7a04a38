"""Audit, rebuild, refold, replay, derivation, doctor."""
