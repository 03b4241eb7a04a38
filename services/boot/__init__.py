"""Start-up: open the parts, put the steps together, check readiness, serve."""
