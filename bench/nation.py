"""Measure landing with roll-ups by the mix of events: made-up, a simulated province's, the nation's with days held.

`bench/landing.py` measures how fast landing reads; its made-up events hide what roll-ups cost, which is how many (unit,
day) keys a batch touches and how many marks lie behind each. Here the nation's events touch all communes, and their days
hold the marks of a nation. Every way lands the same events in one run, floor beside it: the engine reads the bytes, and
nothing is checked or kept. Small batches are told by statement too.

Run: .venv/bin/python bench/nation.py [--quick] [--only held]
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from bench import mixes
from bench.embedded_path import histories
from bench.landing import FLOOR, Uncounted, batches, floor
from events.runs import Runs, values_of
from services.boot.garbage_collection import spare_collector
from services.streams.due_recounts import DueRecounts
from services.streams.land import LandBackfill
from services.streams.read_cases import read_cases
from services.streams.tally import Tally
from services.warehouse.client import Raw, Warehouse
from services.warehouse.migrations import migrate

if TYPE_CHECKING:
    import pyarrow as pa

DAYS = 35
LARGE = 20_000
SIZES = {LARGE: 1, 1_000: 3, 111: 10, 1: 12}
"""Events of a batch, and how many batches of that size; 111 are half a second of the nation's peak."""


class Told(Warehouse):
    """Notes the processor time of each statement under the name of its table."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.spent: dict[str, float] = defaultdict(float)

    @contextmanager
    def _noted(self, name: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self.spent[name] += time.process_time() - began

    def insert(self, table: str, rows: pa.Table) -> None:
        """Insert rows, and note the time."""
        with self._noted(f"rows into {table}"):
            super().insert(table, rows)

    def rows(self, sql: str, **params: Any) -> list[Raw]:
        """Read, and note the time."""
        with self._noted("clock" if "now64" in sql else "reading"):
            return super().rows(sql, **params)

    def command(self, sql: str, **params: Any) -> None:
        """Run a statement, and note the time."""
        with self._noted(" ".join(sql.split()[:3]).lower()):
            super().command(sql, **params)


def floor_of(warehouse: Warehouse) -> Callable[[Runs], None]:
    """Return the way that checks and keeps nothing."""
    return lambda polled: floor(warehouse, [polled])


def landing_of(warehouse: Warehouse, tally: Tally) -> Callable[[Runs], None]:
    """Return the product's way from bytes to rows."""
    step = LandBackfill(warehouse, tally=tally)
    return lambda polled: step.handle(read_cases(values_of(polled)).delivered(polled))


def measured(way: Callable[[Runs], None], polled: Sequence[Runs]) -> tuple[float, float]:
    """Return the medians of processor seconds and of seconds of a batch; the first of several warms up."""
    took = []
    for records in polled:
        worked, began = time.process_time(), time.perf_counter()
        way(records)
        took.append((time.process_time() - worked, time.perf_counter() - began))
    counted = took[len(took) // 8 :] if len(took) > 1 else took
    return statistics.median(one for one, _ in counted), statistics.median(one for _, one in counted)


def told(mix: str, size: int, name: str, values: Sequence[bytes], found: tuple[float, float]) -> None:
    """Print one line."""
    worked, took = found
    each, length = worked / size * 1e6, sum(map(len, values)) / len(values)
    print(
        f"{mix:<26} {size:>6,}  {name:<22} {each:>9,.1f} us an event {worked / size / length * 1e9:>8.1f} ms a MB"
        f" {worked * 1e3:>9.1f} ms a batch, wall {took * 1e3:>9.1f}",
        flush=True,
    )


def compare(warehouse: Told, mix: str, values: Sequence[bytes], sizes: dict[int, int]) -> None:
    """Land the same events in every way, size by size."""
    at = 0
    for size, count in sizes.items():
        some = values[at : at + size * count]
        at += size * count
        polled = batches(some, size)
        told(mix, size, "floor", some, measured(floor_of(warehouse), polled))
        told(mix, size, "landing", some, measured(landing_of(warehouse, Uncounted(warehouse)), polled))
        warehouse.spent.clear()
        tally = Tally(warehouse, later=DueRecounts(warehouse))
        told(mix, size, "landing and roll-ups", some, measured(landing_of(warehouse, tally), polled))
        if size < 1_000:
            parts = sorted(warehouse.spent.items(), key=lambda one: -one[1])
            print(
                "    " + ", ".join(f"{name} {spent / len(polled) * 1e3:.1f}" for name, spent in parts) + " ms"
            )
        worked = time.process_time()
        keys = tally.recount_due()
        print(
            f"    due afterwards: {keys:,} keys, {(time.process_time() - worked) * 1e3:,.0f} ms", flush=True
        )


@contextmanager
def beside(engine: Told, name: str) -> Iterator[Told]:
    """Give an empty database of its own."""
    warehouse = Told(engine.dsn, database=f"bench_{name}")
    migrate(warehouse)
    warehouse.command(FLOOR)
    try:
        yield warehouse
    finally:
        warehouse.drop()
        warehouse.close()


def main() -> None:
    """Run every mix once and print medians of batches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="hold a tenth of the marks")
    parser.add_argument("--only", choices=("empty", "held"), help="measure one half")
    asked = parser.parse_args()
    marks_a_day = mixes.MARKS_A_DAY // (10 if asked.quick else 1)
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()},"
        f" load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    began = time.monotonic()
    wanted = sum(size * count for size, count in SIZES.items())
    province = mixes.simulated(DAYS)[-wanted:]
    if len(province) < wanted:
        raise SystemExit(f"the simulation made {len(province):,} events, {wanted:,} are needed")
    units = mixes.communes()
    nation = mixes.of_the_nation(province, units)
    made_up = [message.value for message in histories(LARGE, seed=1)]
    print(
        f"{wanted:,} events of a simulated province, {sum(map(len, province)) / wanted:.0f} bytes each;"
        f" relabelled to {len(units):,} communes; made in {time.monotonic() - began:.0f} s"
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Told(f"chdb://{folder}/engine", memory_bytes=4_000_000_000)) as engine,
    ):
        migrate(engine)
        engine.command(FLOOR)
        spare_collector()
        landing_of(engine, Tally(engine))(batches(province, LARGE)[0])
        if asked.only != "held":
            with beside(engine, "made_up") as warehouse:
                compare(warehouse, "made up, empty", made_up, {LARGE: 1})
            with beside(engine, "province") as warehouse:
                compare(warehouse, "a province, empty", province, SIZES)
            with beside(engine, "nation") as warehouse:
                compare(warehouse, "the nation, empty", nation, {LARGE: 1})
        if asked.only != "empty":
            with beside(engine, "held") as warehouse:
                began = time.monotonic()
                rows = mixes.hold(warehouse, units, marks_a_day)
                print(
                    f"held: {rows:,} rows of marks, {marks_a_day} a commune and day, {len(mixes.HELD_DAYS)} days;"
                    f" filled in {time.monotonic() - began:.0f} s"
                )
                compare(warehouse, "the nation, held", nation, SIZES)
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
