"""Measure figures as they are known at a point, beside a search of the case keys in all facts, as it was.

The facts are those of `bench/rebuild.py`: cases of 3,321 communes, a hundredth of which moved to the next commune with
their last event. Each size has an engine of its own. Both ways answer the same, or the bench ends with an error; times are
processor time of the process, least of some runs in turns.

Run: .venv/bin/python bench/known_figures.py [--facts 1000000 4000000] [--repeat 5]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from bench.rebuild import fill
from services.warehouse.client import Warehouse
from services.warehouse.filing_table import Known
from services.warehouse.migrations import migrate
from services.warehouse.named_queries import named_query, written_out

KEYS = "case_key IN (SELECT case_key FROM case_events WHERE unit_code IN {units:Array(String)})"
MOVED = """
INSERT INTO case_events SELECT * REPLACE (
    leftPad(toString((toUInt32(unit_code) + 1) % 3321), 5, '0') AS unit_code, seq + 1 AS seq, generateUUIDv4() AS event_id,
    'case.transferred' AS event_type, offset + 1000000000 AS offset
)
FROM case_events WHERE event_type = 'case.returned_result' AND cityHash64(case_key) % 100 = 0
"""


@dataclass(frozen=True)
class Window:
    """The days of a period."""

    first_on: dt.date = dt.date(2026, 1, 1)
    last_on: dt.date = dt.date(2026, 1, 31)


def least(repeat: int, ways: Sequence[Callable[[], object]]) -> list[float]:
    """Return the least processor time of each way in ms, tried in turns."""
    best = [float("inf")] * len(ways)
    for _ in range(repeat):
        for number, way in enumerate(ways):
            began = time.process_time()
            way()
            best[number] = min(best[number], (time.process_time() - began) * 1e3)
    return best


def measure(facts: int, repeat: int) -> None:
    """Print both ways for a commune and a province among so many facts."""
    asked = named_query("figures_as_known")
    before = asked.replace(written_out("{known cases}"), KEYS)
    if before == asked:
        raise SystemExit("the condition on known cases is not in the query")
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Warehouse(f"chdb://{folder}/warehouse")) as warehouse,
    ):
        migrate(warehouse)
        fill(warehouse, facts)
        warehouse.command(MOVED)
        warehouse.command("OPTIMIZE TABLE case_events FINAL")
        warehouse.command("OPTIMIZE TABLE case_units FINAL")
        days = Window()
        for name, units in (
            ("a commune", ["01500"]),
            ("98 communes", [f"{1500 + n:05d}" for n in range(98)]),
        ):
            params = {"units": units, "from": days.first_on, "to": days.last_on, **Known.now().asked()}
            if warehouse.rows(before, **params) != warehouse.rows(asked, **params):
                raise SystemExit(f"{name}: the two ways answer differently")
            ways = [partial(warehouse.rows, sql, **params) for sql in (before, asked)]
            old, new = least(repeat, ways)
            print(f"  {name}: in all facts {old:,.0f} ms, by the units of cases {new:,.0f} ms")
        size = warehouse.rows(
            "SELECT table, sum(bytes_on_disk) AS size FROM system.parts WHERE active"
            " AND table IN ('case_events', 'case_units') GROUP BY table ORDER BY table"
        )
        print("  " + ", ".join(f"{row['table']} {row['size'] / facts:.1f} bytes a fact" for row in size))


def main() -> None:
    """Measure every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, nargs="+", default=[1_000_000, 4_000_000])
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    for facts in asked.facts:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {facts:,} facts, processor time")
        measure(facts, asked.repeat)


if __name__ == "__main__":
    main()
