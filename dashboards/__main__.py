"""Start the commands over the boards in Grafana: `python -m dashboards`."""

from __future__ import annotations

from services.cli.grafana import main

if __name__ == "__main__":
    main()
