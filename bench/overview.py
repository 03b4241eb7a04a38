"""Time the overview of a province over a quarter: 166 communes, 90 days, as the page asks for it.

Run: .venv/bin/python bench/overview.py [--repeat 200]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate

DAYS, UNITS, CASES_A_DAY = 90, [f"{14000 + number:05d}" for number in range(166)], 20
FIRST = dt.date(2026, 7, 1)
FILL = """
INSERT INTO rollups_daily (
    unit_code, day, version, submitted, opened, closed, closed_on_time, overdue_in, overdue_out, groups.field_code,
    groups.channel, groups.submitted, groups.opened, groups.closed, groups.closed_on_time, groups.overdue_in,
    groups.overdue_out
)
WITH arrayWithConstant(6, 3) AS each
SELECT
    unit_code, {first:Date} + number AS day, 1, n, n, n - 1, n - 1, 1, 1,
    arrayMap(f -> concat('field', toString(f)), range(6)), arrayWithConstant(6, 'online'), each, each, each, each, each, each
FROM (SELECT arrayJoin({units:Array(String)}) AS unit_code, {n:Int64} AS n) AS unit
CROSS JOIN (SELECT number FROM numbers({days:UInt32})) AS day
"""
MONTHS = """
INSERT INTO rollups_monthly (
    unit_code, month, version, opened, closed, overdue_in, overdue_out, groups.field_code, groups.channel, groups.opened
)
SELECT unit_code, addMonths({first:Date}, -number - 1), 1, 600, 590, 9, 9, ['field1'], ['online'], [600]
FROM (SELECT arrayJoin({units:Array(String)}) AS unit_code) AS unit CROSS JOIN (SELECT number FROM numbers(24)) AS m
"""


def main() -> None:
    """Fill roll-ups of a quarter after two years of months, and print p50 and p95 of each query."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=200)
    repeat = parser.parse_args().repeat
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}")
    with tempfile.TemporaryDirectory() as folder, closing(Warehouse(f"chdb://{Path(folder)}")) as warehouse:
        migrate(warehouse)
        # Written day by day, as it happens, so that reading finds as many parts as after a restart.
        for day in range(DAYS):
            warehouse.command(FILL, first=FIRST + dt.timedelta(days=day), days=1, n=CASES_A_DAY, units=UNITS)
        warehouse.command(MONTHS, first=FIRST, units=UNITS)
        window = {"from": FIRST, "to": FIRST + dt.timedelta(days=DAYS - 1)}
        everyone = {"units": UNITS, **window}
        one = {"units": UNITS[:1], **window}
        for name, params in (
            ("province_overview", everyone),
            ("units_total", everyone),
            ("ministry_by_province", {**everyone, "provinces": ["38"] * len(UNITS)}),
            ("unit_rollups_by_day", one),
            ("unit_rollups_by_field", one),
            ("unit_rollups_by_field (province)", everyone),
        ):
            query = name.split(" ", maxsplit=1)[0]
            took = _timed(partial(warehouse.query, query, **params), repeat)
            cut = statistics.quantiles(took, n=20)
            print(f"{name:34} p50 {statistics.median(took) * 1e3:6.1f} ms   p95 {cut[18] * 1e3:6.1f} ms")


def _timed(act: Callable[[], object], repeat: int) -> list[float]:
    act()
    took = []
    for _ in range(repeat):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return took


if __name__ == "__main__":
    main()
