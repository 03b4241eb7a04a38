"""Measure landing from records in memory: an unvalidated floor, landing, landing with roll-ups, in one run.

The floor joins the bytes of a batch and lets the engine read them as JSONEachRow into a table like `case_events`:
nothing is checked, no position is kept, nothing follows. Landing is the product's: validated facts with their
positions, marks and latest states; with roll-ups, the touched days counted as well. The next batch is read while one
is landed, as a lane does it.

Run: .venv/bin/python bench/landing.py [--events 200000] [--batch 20000] [--runs 3]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from bench.embedded_path import histories
from events.log import Position, Record
from events.runs import Run, Runs, values_of
from services.boot.garbage_collection import spare_collector
from services.consuming.step import Delivered
from services.streams.case_rows import current_rows, fact_rows, state_rows, touched_keys
from services.streams.land import LandBackfill
from services.streams.read_cases import DeliveredColumns, read_cases
from services.streams.tally import Tally
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
SMALL = (1, 100, 1_000, 20_000)

_DATES = """unit_code LowCardinality(String), field_code LowCardinality(String), channel LowCardinality(String),
    submitted_on Date, received_on Nullable(Date), refused_on Nullable(Date), due_on Nullable(Date),
    closed_on Nullable(Date), close_kind LowCardinality(String), returned_on Nullable(Date),
    pauses Array(Tuple(reason LowCardinality(String), from_on Date, to_on Nullable(Date)))"""
FLOOR = f"""
CREATE TABLE floor
(
    id UUID, source LowCardinality(String), type LowCardinality(String), subject String,
    time DateTime64(6, 'UTC'), recordedat DateTime64(6, 'UTC'),
    recorded_on Date DEFAULT toDate(recordedat, 'Asia/Ho_Chi_Minh'),
    actorrole LowCardinality(String), actorunit LowCardinality(String), partitionkey LowCardinality(String),
    data Tuple({_DATES}, key_id LowCardinality(String), seq UInt64, status_code UInt8,
        received_unit_code LowCardinality(String), helped_unit_code LowCardinality(String),
        procedure_code LowCardinality(String), applicant_kind LowCardinality(String),
        due_at Nullable(DateTime64(6, 'UTC')), calendar_version LowCardinality(String), supplement_count UInt32,
        pause_known Bool, source_overdue Nullable(Bool), online_payment Nullable(Bool), backfill Bool,
        reason_code LowCardinality(String), previous Tuple({_DATES}))
)
ENGINE = ReplacingMergeTree PARTITION BY toYear(recorded_on) ORDER BY (recorded_on, partitionkey, subject, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 480
"""
_LOOSELY = {"input_format_skip_unknown_fields": 1, "date_time_input_format": "best_effort"}


class Uncounted(Tally):
    """Count nothing: landing alone."""

    def recount(self, touched: object, unchanged: object = ()) -> None:
        """Leave the roll-ups as they are."""


def batches(values: Sequence[bytes], size: int) -> list[Runs]:
    """Cut values into what a bulk source polls."""

    def run(start: int, some: Sequence[bytes]) -> Run:
        def record(place: int) -> Record:
            return Record(Position("cases", 0, start + place), "", some[place], {}, NOW)

        return Run("cases", 0, range(start, start + len(some)), some, record)

    return [Runs([run(start, values[start : start + size])]) for start in range(0, len(values), size)]


def floor(warehouse: Warehouse, polled: Sequence[Runs]) -> None:
    """Let the engine read the bytes as they are."""
    with warehouse.lent("writer") as client:
        for records in polled:
            block = b"\n".join(values_of(records))
            client.raw_insert("floor", insert_block=block, fmt="JSONEachRow", settings=_LOOSELY)


def land(warehouse: Warehouse, polled: Sequence[Runs], tally: Tally) -> None:
    """Land batch by batch, reading one ahead."""
    step = LandBackfill(warehouse, tally=tally)

    def read(records: Runs) -> Sequence[Delivered]:
        return read_cases(values_of(records)).delivered(records)

    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(read, polled[0])
        for following in [*polled[1:], None]:
            batch = ahead.result()
            if following is not None:
                ahead = reader.submit(read, following)
            step.handle(batch)


@contextmanager
def timed(found: dict[str, list[tuple[float, float]]], name: str) -> Iterator[None]:
    """Note seconds and seconds of processor time under a name."""
    began, worked = time.perf_counter(), time.process_time()
    yield
    found.setdefault(name, []).append((time.perf_counter() - began, time.process_time() - worked))


def stages(warehouse: Warehouse, polled: Sequence[Runs], found: dict[str, list[tuple[float, float]]]) -> None:
    """Do what landing does one thing after the other."""
    tally = Tally(warehouse)
    for records in polled:
        with timed(found, "read and check"):
            delivered = read_cases(values_of(records)).delivered(records)
        if not isinstance(delivered, DeliveredColumns):
            raise SystemExit("the batch was not read in columns")
        with timed(found, "rows of facts"):
            lines = delivered.cases()
            facts = fact_rows(lines, 1)
        with timed(found, "rows of states"):
            states, current = state_rows(lines.rows), current_rows(lines.rows)
        with timed(found, "touched keys"):
            touched = touched_keys(states)
        with timed(found, "insert facts"):
            warehouse.insert("case_events", facts)
        with timed(found, "insert states (marks)"):
            warehouse.insert("case_states", states)
        with timed(found, "insert latest states"):
            warehouse.insert("cases_current", current)
        with timed(found, "tally"):
            tally.recount(touched)


@contextmanager
def fresh(dsn: str, number: int) -> Iterator[Warehouse]:
    """Give an empty, migrated database of its own."""
    warehouse = Warehouse(dsn, database=f"bench_{number}")
    migrate(warehouse)
    warehouse.command(FLOOR)
    try:
        yield warehouse
    finally:
        warehouse.drop()
        warehouse.close()


def report(name: str, took: Sequence[tuple[float, float]], events: int, floor_rate: float | None) -> float:
    """Print the median rate of some runs and return it."""
    rate = events / statistics.median(seconds for seconds, _ in took)
    each = statistics.median(worked for _, worked in took) / events * 1e6
    share = "" if floor_rate is None else f", {rate / floor_rate:.0%} of the floor"
    runs = " · ".join(f"{events / seconds:,.0f}" for seconds, _ in took)
    print(f"  {name:<24} {rate:>9,.0f} events/s ({runs}), {each:.1f} us of processor time each{share}")
    return rate


def small_batches(warehouse: Warehouse, values: Sequence[bytes]) -> None:
    """Print how long a batch of each size takes from bytes to roll-ups."""
    step = LandBackfill(warehouse)
    for size in SMALL:
        some = batches(values, size)[: max(5, min(40, len(values) // size))]
        took = []
        for records in some:
            began = time.perf_counter()
            step.handle(read_cases(values_of(records)).delivered(records))
            took.append((time.perf_counter() - began) * 1e3)
        took.sort()
        print(f"  a batch of {size:>6,}: p50 {statistics.median(took):,.0f} ms, at worst {took[-1]:,.0f} ms")


def main() -> None:
    """Run all three several times, each in an empty database, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    values = [message.value for message in histories(asked.events - asked.events % 4, seed=1)]
    polled, events = batches(values, asked.batch), len(values)
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}, load {os.getloadavg()[0]:.1f};"
        f" {events:,} events of {sum(map(len, values)) / events:.0f} bytes, batches of {asked.batch:,}"
    )
    ways: dict[str, Callable[[Warehouse], None]] = {
        "floor, unvalidated": lambda w: floor(w, polled),
        "landing": lambda w: land(w, polled, Uncounted(w)),
        "landing and roll-ups": lambda w: land(w, polled, Tally(w)),
    }
    found: dict[str, list[tuple[float, float]]] = {}
    parts: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder, closing(Warehouse(f"chdb://{folder}/engine")) as engine:
        migrate(engine)
        spare_collector()
        land(engine, polled[:1], Tally(engine))
        for number in range(asked.runs):
            for name, way in ways.items():
                with fresh(engine.dsn, number) as warehouse, timed(found, name):
                    way(warehouse)
        rate = report("floor, unvalidated", found["floor, unvalidated"], events, None)
        for name in list(ways)[1:]:
            report(name, found[name], events, rate)
        with fresh(engine.dsn, asked.runs) as warehouse:
            stages(warehouse, polled, parts)
        for name, took in parts.items():
            wall, worked = (sum(one[at] for one in took) / events * 1e6 for at in (0, 1))
            print(f"    {name:<22} {wall:6.2f} us, processor {worked:6.2f} us")
        with fresh(engine.dsn, asked.runs + 1) as warehouse:
            small_batches(warehouse, values)
    print(
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
