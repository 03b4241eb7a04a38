"""The contract: the events of commune, province and ministry, and the port of the log that carries them."""
