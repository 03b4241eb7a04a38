"""Live a provincial year of difficulties through the product's own engine, and count what became of them.

Run: .venv/bin/python bench/escalation_year.py [--issues 20000] [--seed 38]
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from contextlib import closing

from year.course import Year
from year.engine import Engine
from year.figures import checks, figures

from services.dated_tables import load_tables
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate


def main() -> None:
    """Print the figures of the year, and whether its invariants hold; exit with 1 where one does not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--seed", default="38")
    asked = parser.parse_args()
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"{os.cpu_count()} cores, {load}, Python {platform.python_version()}, {platform.machine()}")
    with tempfile.TemporaryDirectory() as folder, closing(Warehouse(f"chdb://{folder}")) as warehouse:
        migrate(warehouse)
        engine = Engine(warehouse, load_tables())
        year = Year(engine, asked.seed, asked.issues)
        began = time.perf_counter()
        year.live(lambda line: print(f"  {line}", flush=True))
        engine.look(year.ends_at)
        took = time.perf_counter() - began
        for line in figures(year):
            print(line)
        print(f"{'lived in':<34}{took:,.0f} s, {engine.log.count / took:,.0f} events/s with every look")
        failed = 0
        for name, error in checks(year, warehouse):
            failed += error is not None
            print(f"{'ok    ' if error is None else 'FAILED'} {name}{'' if error is None else ': ' + error}")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
