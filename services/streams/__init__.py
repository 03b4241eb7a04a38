"""The stream processors: land, tally, decide, watch, notify; independent of the transport."""
