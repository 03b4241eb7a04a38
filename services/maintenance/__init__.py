"""Maintenance of engine and log: audit, rebuild, refold, replay, derivation, doctor."""
