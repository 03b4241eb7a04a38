"""The contract: what travels between commune, province and ministry, and the port of the log that carries it."""
