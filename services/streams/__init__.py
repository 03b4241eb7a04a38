"""The stream steps: land, tally, decide, watch, set aside; they know no transport."""
