"""Start the commands over the boards in Grafana: `python -m dashboards`."""

from __future__ import annotations

from services.cli.grafana import build_commands

if __name__ == "__main__":
    build_commands()()
