"""The operational store, on SQLite and on PostgreSQL: tables, migrations, outbox, texts."""
