"""Time every panel of every board over the nation, a province and a commune, as the pages ask them: rows, folds, lines.

Roll-ups are those of `bench/boards.py` over the real communes, every day of the years held. Difficulties, villages and
feeds are a few of the tests' random ones, spread by the engine over all communes: 20,000 difficulties, 6,000 villages,
a feed each. Facts of cases are of Thanh Hóa alone (`--cases` of its last year, three events and two rows of marks
each), because the panels that read them are of no nation. A window is at most 400 days, so five years means five years
held and a year asked. On a machine with other work look at the processor time: the wall time is mostly waiting.

Run: .venv/bin/python bench/panels.py [--years 1] [--repeat 20] [--cases 100000] [--scopes nation province commune]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import ACCEPTED
from pathlib import Path
from typing import cast, get_args

from bench import mixes
from bench.boards import fill, sum_provinces
from dashboards.catalogue import all_boards
from dashboards.panel import Panel
from dashboards.vocabulary import Level
from services.access.actors import Actor
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate
from services.web.boards.asked import Asked
from services.web.boards.reading import BoardReader
from services.web.figures.windows import Window
from tests.services import world as who
from tests.services.test_numbers_and_rows import fill as fill_a_little
from tests.services.world import World, open_world

LAST = dt.date(2026, 12, 31)
YEAR = Window(dt.date(2026, 1, 2), LAST)
"""The dearest window of its length: it begins and ends inside a month."""
UNITS: dict[Level, str] = {"nation": "vn", "province": who.THANH_HOA, "commune": who.BAT_MOT}
READERS: dict[Level, Actor] = {
    "nation": Actor("ministry_officer", "vn", "bo_khcn"),
    "province": Actor("province_reviewer", who.THANH_HOA),
    "commune": Actor("commune_officer", who.BAT_MOT),
}
ISSUES, VILLAGES = 20_000, 6_000
SPREAD_ISSUES = """
INSERT INTO issues_current SELECT * EXCEPT (number) REPLACE (
    generateUUIDv4(number) AS issue_id,
    arrayElement({units:Array(String)}, 1 + number % length({units:Array(String)})) AS unit_code,
    transform(unit_code, {units:Array(String)}, {provinces:Array(String)}, '') AS province_code
)
FROM issues_current FINAL CROSS JOIN (SELECT number FROM numbers({times:UInt32})) AS k
"""
SPREAD_VILLAGES = """
INSERT INTO promise_events SELECT * EXCEPT (number, unit, province, new_spot, new_event) REPLACE (
    new_event AS event_id,
    new_spot AS spot_id,
    concat('/vn/', province, '/', unit) AS source,
    replaceAll(replaceAll(body, toString(spot_id), toString(new_spot)), toString(event_id), toString(new_event)) AS body,
    offset + 1000000 * (number + 1) AS offset
)
FROM
(
    SELECT *, arrayElement({units:Array(String)}, 1 + cityHash64(spot_id, number) % length({units:Array(String)})) AS unit,
        transform(unit, {units:Array(String)}, {provinces:Array(String)}, '') AS province,
        reinterpretAsUUID(sipHash128(spot_id, number)) AS new_spot, reinterpretAsUUID(sipHash128(event_id, number)) AS new_event
    FROM promise_events CROSS JOIN (SELECT number FROM numbers({times:UInt32})) AS k
)
SETTINGS prefer_column_name_to_alias = 1
"""
FEEDS = """
INSERT INTO source_states SELECT arrayJoin({units:Array(String)}), 'heartbeat', 'source.heartbeat', now(), now(), 0, NULL, 1,
    '1', 2
"""
CASES = """
INSERT INTO case_events (
    event_id, event_type, source, case_key, unit_code, seq, occurred_at, recorded_at, field_code, channel, submitted_on,
    received_on, due_on, closed_on, close_kind, procedure_code, pause_known, key_id, epoch, topic, partition, offset
)
SELECT
    generateUUIDv4(number * 3 + step), arrayElement(['case.submitted', 'case.received', 'case.result_ready'], step),
    concat('/vn/38/', unit), lower(hex(SHA256(toString(number)))), unit, step, at, at, 'ho_tich', 'counter', began,
    began, began + 10, if(step = 3, toNullable(began + 3 + number % 12), NULL), if(step = 3, 'finished', ''),
    concat('1.00119', toString(number % 7)), true, 'k', 1, 'cases', 0, number * 3 + step
FROM
(
    SELECT number, arrayJoin([1, 2, 3]) AS step, {first:Date} + number % 350 AS began,
        arrayElement({units:Array(String)}, 1 + cityHash64(number) % length({units:Array(String)})) AS unit,
        toDateTime64(began + if(step = 3, 3 + number % 12, 0), 6, 'UTC') AS at
    FROM numbers({cases:UInt64})
)
"""
MARKS = """
INSERT INTO case_marks SELECT
    {first:Date} + number % 350 + if(end, 3 + number % 12, 0) AS day,
    arrayElement({units:Array(String)}, 1 + cityHash64(number) % length({units:Array(String)})),
    SHA256(toString(number)), if(end, 40, 3), 'ho_tich', 'counter', 2, 0
FROM numbers({cases:UInt64}) ARRAY JOIN [false, true] AS end
"""


def main() -> None:
    """Fill an installation, and print what each panel takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--scopes", nargs="*", default=list(get_args(Level)), choices=get_args(Level))
    parser.add_argument("--only", nargs="*", help="names of panels")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(
            Warehouse(f"chdb://{folder}/warehouse", memory_bytes=6_000_000_000, threads=asked.threads)
        ) as warehouse,
    ):
        migrate(warehouse)
        with open_world(Path(folder), warehouse) as world:
            began = time.perf_counter()
            hold(world, LAST.replace(year=LAST.year - asked.years + 1, month=1, day=1), asked.cases)
            world.clock.ahead = dt.datetime(2026, 12, 31, 5, tzinfo=dt.UTC) - dt.datetime.now(dt.UTC)
            print(
                f"{os.cpu_count()} cores, {asked.threads} threads, Python {platform.python_version()},"
                f" {platform.machine()}, load {os.getloadavg()[0]:.1f}; {asked.years} years of roll-ups,"
                f" {asked.cases:,} cases of a province; filled in {time.perf_counter() - began:.0f} s"
            )
            for level in asked.scopes:
                for panel in panels_of(cast("Level", level)):
                    if asked.only is None or panel.name in asked.only:
                        print(timed(world, panel, cast("Level", level), asked.repeat), flush=True)
    print(f"load {os.getloadavg()[0]:.1f}")


def hold(world: World, first: dt.date, cases: int) -> None:
    """Put the nation into an installation."""
    units, table = mixes.communes(), who.tables().units
    warehouse, provinces = world.parts.warehouse, [table.province_of(code) for code in units]
    for seed in range(4):
        fill_a_little(world, seed)
    for number, gap in enumerate(("no_signal", "no_grid_power", "no_signal")):
        village = {
            "unit_code": who.BAT_MOT,
            "department": "38.so_khcn",
            "village": f"Bản {number}",
            "gap": gap,
        }
        promise = {"promiser": "38.viettel", "promised_on": "2026-12-20"} if number else {}
        sent = world.as_(*who.DEPARTMENT).post("/api/v1/promises", json={**village, **promise})
        if sent.status_code != ACCEPTED:
            raise SystemExit(sent.text)
    world.settle()
    known = warehouse.rows("SELECT count() AS n FROM issues_current FINAL")[0]["n"]
    villages = warehouse.rows("SELECT uniqExact(spot_id) AS n FROM promise_events")[0]["n"]
    places = {"units": units, "provinces": provinces}
    warehouse.command(SPREAD_ISSUES, times=ISSUES // known, **places)
    warehouse.command(SPREAD_VILLAGES, times=VILLAGES // villages, **places)
    warehouse.command(FEEDS, units=units)
    own = [one.code for one in table.communes_of(who.THANH_HOA)]
    warehouse.command(CASES, units=own, cases=cases, first=LAST.replace(month=1, day=1))
    warehouse.command(MARKS, units=own, cases=cases, first=LAST.replace(month=1, day=1))
    fill(warehouse, first, units)
    sum_provinces(warehouse, dict(zip(units, provinces, strict=True)))


def panels_of(level: Level) -> Iterator[Panel]:
    """Yield every panel of a level once."""
    boards = [board.at(level) for board in all_boards() if level in board.levels]
    yield from {panel.name: panel for board in boards for panel in board.panels}.values()


def timed(world: World, panel: Panel, level: Level, repeat: int) -> str:
    """Return what the answers to a panel take, each asked by a request of its own."""
    chosen = Asked(UNITS[level], YEAR if "from" in panel.takes else Window(LAST, LAST))
    took, worked = [], []
    for number in range(repeat + 1):
        began, before = time.perf_counter(), time.process_time()
        answer = BoardReader(world.parts, READERS[level]).answer(panel, chosen)
        if number:
            took.append((time.perf_counter() - began) * 1e3)
            worked.append((time.process_time() - before) * 1e3)
    return (
        f"{level:9} {panel.name:22} {len(answer.found.lines):5,} lines"
        f"  wall {statistics.median(took):7,.0f} p95 {high(took):7,.0f} ms"
        f"  processor {statistics.median(worked):7,.0f} p95 {high(worked):7,.0f} ms"
    )


def high(values: list[float]) -> float:
    """Return the value that 95 % of some do not exceed; of fewer than twenty the largest."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


if __name__ == "__main__":
    main()
