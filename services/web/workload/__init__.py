"""The workload per person of communes: page, files, API."""
