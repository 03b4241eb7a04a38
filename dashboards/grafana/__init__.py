"""The boards drawn a second time: the definitions as dashboards of Grafana. Pure."""
