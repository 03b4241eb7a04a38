"""Rules, state, metrics, tables and queries: pure, without I/O, clock or environment."""
