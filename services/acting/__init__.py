"""Acting on issues and escalations: from what a person sends to the event, its texts and its outcome."""
