"""Everything that does I/O: the three services, the stream steps and the adapters, wired in bootstrap."""
