"""The boards in Grafana: their files, and their publication to a server."""
