"""Acts on issues, escalations, problems and promises: from the request to the event, its texts and its outcome."""
