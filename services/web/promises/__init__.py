"""The register of promises, for pages and the API."""
