"""Issues and escalations, for pages and the API."""
