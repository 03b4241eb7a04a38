"""The register of lessons of digital literacy."""
