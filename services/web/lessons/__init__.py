"""The register of lessons of digital literacy, for pages and the API."""
