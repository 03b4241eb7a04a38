"""Start-up: open the parts, wire the steps, check readiness, serve."""
