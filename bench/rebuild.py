"""Measure a rebuild: every table that follows from case events made anew, in facts per second.

The facts are made up by the engine itself: cases of 3,321 communes with four events each (received, taken up, result
ready, handed over), as many a day as the country is assumed to have, the last two naming the state before by
`previous`. What is measured is `services.maintenance.rebuild.rebuild`, from its first statement to the exchange.

Several numbers of facts are measured one after the other, each in a process of its own so that its peak of memory is its
own, and their cost per fact is compared with that of the first. A million facts take about 0.4 GB of disk while they are
rebuilt: 100 million need 40 GB, in the folder that TMPDIR names.

Run: .venv/bin/python bench/rebuild.py [--facts 1000000] [--memory-gb 4] [--runs 1]
     .venv/bin/python bench/rebuild.py --facts 1000000 3000000 10000000 --memory-gb 0.6 --verbose [--hold-merges]

With `--verbose` each line says what rows had been merged by then. With `--hold-merges` the tables beside are not merged
meanwhile: what a fact costs less then is what merges cost in a rebuild.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from reporting.tables import CASE_MARKS, CASES_CURRENT
from services.maintenance.rebuild import rebuild
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate

A_DAY = 1_600_000
DISK_PER_FACT = 400
"""Bytes: the facts, and two sets of derived tables before they are merged."""
_AT_ONCE = 200_000
MADE_UP = """
INSERT INTO case_events (
    event_id, event_type, source, case_key, unit_code, seq, occurred_at, recorded_at, actor_role, field_code, channel,
    submitted_on, received_on, due_on, closed_on, close_kind, returned_on, key_id, status_code, received_unit_code,
    procedure_code, applicant_kind, pause_known, previous, landed_at, epoch, topic, partition, offset
)
WITH
    intDiv(number, 4) AS c,
    number % 4 AS step,
    cityHash64(c) AS h,
    leftPad(toString(h % 3321), 5, '0') AS unit,
    ['land', 'civil', 'business', 'construction', 'welfare', 'population'][h % 6 + 1] AS field,
    ['counter', 'online', 'post'][h % 3 + 1] AS way,
    toDate('2026-01-01') + intDiv(number, {a_day:UInt64}) AS received,
    received + bitShiftRight(h, 8) % 12 AS closed,
    received + [1, 3, 5, 10][bitShiftRight(h, 16) % 4 + 1] AS due,
    toDateTime64(if(step < 2, received, closed), 6, 'UTC') + toIntervalSecond(7200 + bitShiftRight(h, 24) % 28800) AS at,
    concat('{"unit_code":"', unit, '","field_code":"', field, '","channel":"', way, '","submitted_on":"',
        toString(received), '","received_on":"', toString(received), '","due_on":"', toString(due)) AS known
SELECT
    generateUUIDv4(number), ['case.received', 'case.processing_started', 'case.result_ready', 'case.returned_result'][step + 1],
    concat('/vn/38/', unit), lower(hex(SHA256(toString(c)))), unit, 1000 + step, at, at, 'system', field, way,
    received, received, due, if(step < 2, NULL, closed), if(step < 2, '', 'finished'), if(step < 3, NULL, closed),
    'k1', [2, 4, 9, 10][step + 1], unit, '1.001193', 'citizen', true,
    multiIf(step = 2, concat(known, '"}'),
        step = 3, concat(known, '","closed_on":"', toString(closed), '","close_kind":"finished"}'), ''),
    now64(3) - INTERVAL 1 DAY, 1, 'cases', h % 8, number
FROM numbers({start:UInt64}, {count:UInt64})
"""


def fill(warehouse: Warehouse, facts: int) -> None:
    """Make up so many facts."""
    for start in range(0, facts, _AT_ONCE):
        warehouse.command(MADE_UP, a_day=A_DAY, start=start, count=min(_AT_ONCE, facts - start))


def disk(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    """Return the rows and the bytes of every table."""
    rows = warehouse.rows(
        "SELECT table, sum(rows) AS n, sum(bytes_on_disk) AS size FROM system.parts"
        " WHERE active AND database = {d:String} GROUP BY table ORDER BY size DESC",
        d=warehouse.database,
    )
    return {row["table"]: (row["n"], row["size"]) for row in rows}


def main() -> None:
    """Fill a warehouse, rebuild it some times, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--memory-gb", type=float, default=4.0)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--hold-merges", action="store_true")
    asked = parser.parse_args()
    needed, free = max(asked.facts) * DISK_PER_FACT, shutil.disk_usage(tempfile.gettempdir()).free
    if needed > free:
        raise SystemExit(f"{needed / 1e9:,.0f} GB of disk are needed, {free / 1e9:,.0f} are free: set TMPDIR")
    if len(asked.facts) == 1:
        measure(asked.facts[0], asked.memory_gb, asked.runs, verbose=asked.verbose, held=asked.hold_merges)
    else:
        flags = {"--verbose": asked.verbose, "--hold-merges": asked.hold_merges}
        given = [flag for flag, is_given in flags.items() if is_given]
        compare(asked.facts, ["--memory-gb", str(asked.memory_gb), "--runs", str(asked.runs), *given])


def compare(sizes: list[int], options: list[str]) -> None:
    """Measure each number of facts in a process of its own, and compare what one fact costs."""
    first = None
    for facts in sizes:
        said = subprocess.run(  # noqa: S603 -- this file, with numbers
            [sys.executable, "-m", "bench.rebuild", "--facts", str(facts), *options],
            cwd=Path(__file__).parent.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        print(said, end="")
        each = statistics.median(
            float(one) for one in re.findall(r"([0-9.]+) us of processor time each", said)
        )
        first = first or each
        print(f"{facts:,} facts: {each:.2f} us each, {each / first:.2f} times the first", flush=True)


def merged(warehouse: Warehouse) -> int:
    """Return how many rows the engine has merged since it began."""
    [row] = warehouse.rows("SELECT sumIf(value, event = 'MergedRows') AS n FROM system.events")
    return int(row["n"])


def hold_merges(warehouse: Warehouse) -> None:
    """Stop the merges of the tables that a rebuild fills beside those in use."""
    database = warehouse.rows(
        "SELECT max(name) AS newest FROM system.databases WHERE startsWith(name, {begun:String})",
        begun=f"{warehouse.database}_rebuild_",
    )[0]["newest"]
    for table in (CASE_MARKS, CASES_CURRENT):
        warehouse.command(f"SYSTEM STOP MERGES `{database}`.{table.name}")


def measure(facts: int, memory_gb: float, runs: int, *, verbose: bool, held: bool) -> None:
    """Rebuild so many facts some times."""
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}, load {os.getloadavg()[0]:.1f};"
        f" {facts:,} facts, engine capped at {memory_gb:g} GB"
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Warehouse(f"chdb://{folder}/warehouse", memory_bytes=int(memory_gb * 1e9))) as warehouse,
    ):
        migrate(warehouse)
        began = time.perf_counter()
        fill(warehouse, facts)
        # What is merged of the facts meanwhile is no cost of a rebuild.
        warehouse.command("OPTIMIZE TABLE case_events FINAL")
        print(f"  made up in {time.perf_counter() - began:.0f} s")
        took = []
        for _ in range(runs):
            before = merged(warehouse)
            began, worked = time.perf_counter(), time.process_time()

            def echo(line: str, worked: float = worked, before: int = before) -> None:
                if verbose:
                    rows = merged(warehouse) - before
                    print(
                        f"    {time.process_time() - worked:6.1f} s of processor time, {rows:>11,} rows merged  {line}",
                        flush=True,
                    )

            def between(step: str) -> None:
                if held and step == "build":
                    hold_merges(warehouse)

            rebuild(warehouse, echo, between=between)
            took.append(time.perf_counter() - began)
            each = (time.process_time() - worked) / facts * 1e6
            print(
                f"  rebuilt in {took[-1]:.1f} s: {facts / took[-1]:,.0f} facts/s, {each:.2f} us of processor time each"
            )
        found = warehouse.rows("SELECT sum(opened) AS n FROM rollups_daily FINAL")[0]["n"]
        if found != -(-facts // 4):
            raise SystemExit(f"expected {facts // 4} cases opened, the roll-ups say {found}")
        for table, (count, size) in disk(warehouse).items():
            print(
                f"    {table:<18} {count:>12,} rows, {size / 1e6:>9,.1f} MB, {size / facts:6.1f} bytes per fact"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"median {facts / statistics.median(took):,.0f} facts/s; peak memory {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
