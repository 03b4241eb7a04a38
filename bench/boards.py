"""Time the boards over the nation: 3,321 communes with roll-ups of every day, read by field, channel, day and province.

Boards by field and channel are read commune by commune, then by sums of provinces: all days summed, and again after all
communes have new rows of the last day, as while events come in.

The roll-ups are made by the engine itself: twelve groups (a field and a channel) a commune and day, months as the
product sums them, and on top the small parts that recounts of the last day leave behind. The year that is read begins
and ends inside a month: the dearest window of its length.

Run: .venv/bin/python bench/boards.py [--years 1] [--repeat 5] [--threads 2]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import statistics
import tempfile
import time
from contextlib import closing
from typing import Any

from services.streams.province_sums import ProvinceSums
from services.streams.tally import Tally
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate
from services.warehouse.named_queries import query_names, written_out
from services.web.figures.sums import SUMMED

UNITS = [f"{10_000 + number:05d}" for number in range(3_321)]
PROVINCES = [f"{number * 34 // 3_321:02d}" for number in range(3_321)]
LAST = dt.date(2026, 12, 31)
LIMITS = {"channel": "", "common_communes": 3, "recurrence_count": 3, "late_common": 50, "late_single": 50}
DAYS_AT_ONCE, RECOUNTS, RECOUNTED_EACH, TURN = 61, 20, 160, 3_400
FILL = written_out("""
INSERT INTO rollups_daily
WITH arrayMap(g -> 3 + (cityHash64(unit_code, day) + 7 * g) % 20, range(12)) AS cases
SELECT
    unit_code, day, {version:UInt64},
    {marks: arraySum(cases) * ($bit % 3 != 2)},
    arrayMap(g -> concat('field', toString(intDiv(g, 3))), range(12)),
    arrayMap(g -> concat('channel', toString(g % 3)), range(12)),
    {marks: arrayMap(k -> k * ($bit % 3 != 2), cases)}
FROM (SELECT arrayJoin({units:Array(String)}) AS unit_code) AS u
CROSS JOIN (SELECT arrayJoin({days:Array(Date)}) AS day) AS d
""")
"""Twelve groups of 3 to 22 cases, each counted under two marks of three."""
MONTHS = """
SELECT DISTINCT toStartOfMonth(day) AS month, unit_code FROM rollups_daily WHERE day BETWEEN {first:Date} AND {last:Date}
"""


def main() -> None:
    """Fill the roll-ups of some years, and print what the boards over them take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    first = LAST.replace(year=LAST.year - asked.years + 1, month=1, day=1)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(
            Warehouse(f"chdb://{folder}/warehouse", memory_bytes=6_000_000_000, threads=asked.threads)
        ) as warehouse,
    ):
        migrate(warehouse)
        began = time.perf_counter()
        fill(warehouse, first)
        print(
            f"{os.cpu_count()} cores, {asked.threads} threads, Python {platform.python_version()}, {platform.machine()}, "
            f"load {os.getloadavg()[0]:.1f}; {len(UNITS):,} communes, {asked.years} years, filled in "
            f"{time.perf_counter() - began:.0f} s"
        )
        for line in _disk(warehouse):
            print(line)
        print(sum_provinces(warehouse, dict(zip(UNITS, PROVINCES, strict=True))))
        for what, query, params in boards(first):
            print(f"{what:38}", _timed(warehouse, query, params, asked.repeat), flush=True)
        warehouse.command(FILL, units=UNITS, days=[LAST], version=2 + RECOUNTS)
        for what, query, params in by_sums(first):
            print(
                f"{what + ', last day open':38}", _timed(warehouse, query, params, asked.repeat), flush=True
            )
    print(f"load {os.getloadavg()[0]:.1f}")


def fill(warehouse: Warehouse, first: dt.date, units: list[str] = UNITS) -> None:
    """Write the days from `first` to `LAST`, their months, and the last day again in small parts."""
    day = first
    while day <= LAST:
        last = min(LAST, day + dt.timedelta(days=DAYS_AT_ONCE - 1))
        span = [day + dt.timedelta(days=number) for number in range((last - day).days + 1)]
        warehouse.command(FILL, units=units, days=span, version=1)
        day = last + dt.timedelta(days=1)
    for year in range(first.year, LAST.year + 1):
        span_of = {"first": dt.date(year, 1, 1), "last": dt.date(year, 12, 31)}
        Tally(warehouse).recount_months(MONTHS, **span_of)
    for number in range(RECOUNTS):
        some = units[number::RECOUNTS][:RECOUNTED_EACH]
        warehouse.command(FILL, units=some, days=[LAST], version=2 + number)


def boards(first: dt.date) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what is read: its name, the query and its parameters."""
    year = {"from": LAST.replace(month=1, day=2), "to": LAST}
    nation = {"units": UNITS, **year}
    province = {"units": [u for u, p in zip(UNITS, PROVINCES, strict=True) if p == "07"], **year}
    found = [
        ("nation, year, by field", "unit_rollups_by_field", nation),
        ("nation, year, by channel", "unit_rollups_by_channel", nation),
        ("nation, year, by field and channel", "unit_rollups_by_field_and_channel", nation),
        ("nation, year, by day", "unit_rollups_by_day", nation),
        ("nation, year, by province", "ministry_by_province", {**nation, "provinces": PROVINCES}),
        ("nation, year, total", "units_total", nation),
        ("nation, year, where fields are late", "late_fields", {**nation, **LIMITS, "provinces": PROVINCES}),
        ("nation, year, who has figures", "reporting_places", {**nation, "provinces": PROVINCES}),
        ("nation, last day, total", "units_total", {**nation, "from": LAST}),
        ("province, year, by field", "unit_rollups_by_field", province),
        ("province, year, each commune", "province_overview", province),
        ("commune, year, by field", "unit_rollups_by_field", {**nation, "units": UNITS[:1]}),
        ("commune, year, by day", "unit_rollups_by_day", {**nation, "units": UNITS[:1]}),
    ]
    if first.year <= LAST.year - 4:
        years = {**nation, "from": first.replace(day=2)}
        found.append(
            (f"nation, {LAST.year - first.year + 1} years, by field", "unit_rollups_by_field", years)
        )
    return [one for one in [*found, *by_sums(first)] if one[1] in query_names()]


def by_sums(first: dt.date) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what sums of provinces answer, over a year, and over the years that are held."""
    asked = {"units": UNITS, "provinces": PROVINCES, "to": LAST}
    spans = {
        "year": LAST.replace(month=1, day=2),
        f"{LAST.year - first.year + 1} years": first.replace(day=2),
    }
    return [
        (f"nation, {span}, {name.replace('_', ' ')}", name, {**asked, "from": begins})
        for span, begins in spans.items()
        for name in SUMMED.values()
        if span == "year" or first.year < LAST.year
    ]


def sum_provinces(warehouse: Warehouse, province_of: dict[str, str]) -> str:
    """Sum all provinces as the leading worker does, in larger turns."""
    began, before, count = time.perf_counter(), time.process_time(), 0
    sums = ProvinceSums(warehouse, province_of, at_once=TURN)
    while turn := sums.recount():
        count += turn
    worked = time.process_time() - before
    return f"{count:,} sums in {time.perf_counter() - began:.0f} s, {worked:.1f} s of processor time"


def _timed(warehouse: Warehouse, query: str, params: dict[str, Any], repeat: int) -> str:
    warehouse.query(query, **params)
    took, worked = [], []
    for _ in range(repeat):
        began, before = time.perf_counter(), time.process_time()
        warehouse.query(query, **params)
        took.append(time.perf_counter() - began)
        worked.append(time.process_time() - before)
    wall, processor = statistics.median(took) * 1e3, statistics.median(worked) * 1e3
    return f"median {wall:7,.0f} ms, {processor:7,.0f} ms of processor time"


def _disk(warehouse: Warehouse) -> list[str]:
    rows = warehouse.rows(
        "SELECT table, sum(rows) AS n, sum(bytes_on_disk) AS size, count() AS parts FROM system.parts"
        " WHERE active AND database = currentDatabase() AND table LIKE 'rollups%' GROUP BY table ORDER BY table"
    )
    return [
        f"{r['table']:16} {r['n']:>10,} rows, {r['size'] / 1e6:7,.1f} MB in {r['parts']} parts" for r in rows
    ]


if __name__ == "__main__":
    main()
