"""Common problems, for pages and the API."""
