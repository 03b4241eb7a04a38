"""Measure what lean events and rows written as they come save in landing, over the simulation's mix, in one run.

The same events are landed in both versions of their form; those of version 1 also with the rows of each insert
collapsed before they are written, as the engine does it by itself. Roll-ups are left out: none of this touches them.

Run: .venv/bin/python bench/lean_events.py [--days 30] [--events 40000] [--runs 3]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from contextlib import closing

from bench.landing import Uncounted, batches, floor, fresh, land
from bench.mixes import simulated
from events.codec import decode, encode
from services.boot.garbage_collection import spare_collector
from services.streams.read_cases import read_cases
from services.warehouse import client
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate
from tests.strategies import written_first

BATCH = 20_000
AS_GIVEN = client._AS_GIVEN  # noqa: SLF001 -- the setting that is compared
WAYS = (
    ("floor, version 1", 1, None),
    ("floor, version 2", 2, None),
    ("reading alone, version 1", 1, None),
    ("reading alone, version 2", 2, None),
    ("landing, version 1, collapsed on insert", 1, {}),
    ("landing, version 1", 1, AS_GIVEN),
    ("landing, version 2", 2, AS_GIVEN),
)


def run(name: str, warehouse: Warehouse, values: list[bytes]) -> None:
    """Do what a way is named after."""
    if name.startswith("floor"):
        floor(warehouse, batches(values, BATCH))
    elif name.startswith("reading"):
        for start in range(0, len(values), BATCH):
            read_cases(values[start : start + BATCH])
    else:
        land(warehouse, batches(values, BATCH), Uncounted(warehouse))


def main() -> None:
    """Print the medians of every way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    events = [decode(value) for value in simulated(asked.days)[-asked.events :]]
    forms = {1: [written_first(event) for event in events], 2: [encode(event) for event in events]}
    sizes = {version: sum(map(len, values)) / len(events) for version, values in forms.items()}
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}, load {os.getloadavg()[0]:.1f};"
        f" {len(events):,} events of {sizes[1]:.0f} bytes in version 1 and {sizes[2]:.0f} in version 2"
    )
    found: dict[str, list[tuple[float, float]]] = {name: [] for name, _, _ in WAYS}
    with tempfile.TemporaryDirectory() as folder, closing(Warehouse(f"chdb://{folder}/engine")) as engine:
        migrate(engine)
        spare_collector()
        land(engine, batches(forms[1][:BATCH], BATCH), Uncounted(engine))
        for number in range(asked.runs):
            for name, version, setting in WAYS:
                client._AS_GIVEN = setting or {}  # noqa: SLF001 -- as above
                with fresh(engine.dsn, number) as warehouse:
                    began, worked = time.perf_counter(), time.process_time()
                    run(name, warehouse, forms[version])
                    found[name].append((time.perf_counter() - began, time.process_time() - worked))
    for name, took in found.items():
        each = statistics.median(worked for _, worked in took) / len(events) * 1e6
        rate = len(events) / statistics.median(seconds for seconds, _ in took)
        print(f"  {name:<40} {each:6.2f} us of processor time an event, {rate:>9,.0f} events/s")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
