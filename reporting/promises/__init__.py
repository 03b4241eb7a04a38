"""The register of promises."""
