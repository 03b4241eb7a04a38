"""Everything that does I/O; each room imports only the rooms below it (`pyproject.toml`), and `services/boot` puts them together."""
