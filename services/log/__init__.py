"""The event log, on SQLite and on Kafka."""
