"""Measure the embedded path: events in the log until their roll-ups can be queried, in events per second.

Everything is the real thing: the log on SQLite, the runtime that decodes and validates, land and tally, chDB.

Run: .venv/bin/python bench/embedded_path.py [--events 200000] [--runs 3] [--topic cases-backfill]
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import os
import platform
import random
import resource
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from events import cases as told
from events.cases import CaseDates, CaseEvent, CaseState
from events.codec import encode
from events.log import Message
from services.boot.garbage_collection import spare_collector
from services.consuming.in_threads import Runtime
from services.log.sqlite import SqliteLog
from services.streams.land import LandBackfill, LandCases
from services.warehouse.client import Warehouse
from services.warehouse.migrations import migrate

UNITS = tuple(f"{14000 + number:05d}" for number in range(166))
FIELDS = ("land", "civil", "business", "construction", "welfare", "population")
FIRST, DAYS = dt.date(2026, 7, 1), 90


def histories(count: int, seed: int) -> list[Message]:
    """Return the events of made-up cases, as intake would tell them, in the order in which they happen."""
    r = random.Random(seed)
    made: list[tuple[dt.datetime, Message]] = []
    for number in range(count // 4):
        received = FIRST + dt.timedelta(days=r.randrange(DAYS))
        closed = received + dt.timedelta(days=r.randrange(12))
        facts: dict[str, Any] = {
            "unit_code": r.choice(UNITS),
            "field_code": r.choice(FIELDS),
            "channel": r.choice(("counter", "online", "post")),
            "submitted_on": received,
            "received_on": received,
            "due_on": received + dt.timedelta(days=r.choice((1, 3, 5, 10))),
            "key_id": "k1",
            "procedure_code": "1.001193",
            "applicant_kind": "citizen",
        }
        facts["received_unit_code"] = facts["unit_code"]
        ended = {"closed_on": closed, "close_kind": "finished"}
        before: CaseState | None = None
        for step, (cls, status, day, more) in enumerate(
            (
                (told.CaseReceived, 2, received, {}),
                (told.CaseProcessingStarted, 4, received, {}),
                (told.CaseResultReady, 9, closed, ended),
                (told.CaseReturnedResult, 10, closed, ended | {"returned_on": closed}),
            )
        ):
            facts |= more
            state = CaseState(
                **facts, status_code=status, seq=1_000 + step, previous=_moved_from(before, facts)
            )
            event = _event(cls, state, f"{seed}-{number}", day, r)
            made.append((event.recorded_at, Message(event.partition_key, encode(event))))
            before = state
    return [message for _, message in sorted(made, key=lambda one: one[0])]


def _moved_from(before: CaseState | None, facts: dict[str, Any]) -> CaseDates | None:
    if before is None:
        return None
    was = {name: getattr(before, name) for name in CaseDates.model_fields}
    return CaseDates(**was) if any(was[name] != facts.get(name, was[name]) for name in was) else None


def _event(cls: Any, state: CaseState, name: str, day: dt.date, r: random.Random) -> CaseEvent:
    at = dt.datetime.combine(day, dt.time(2), dt.UTC)
    made: CaseEvent = cls(
        id=UUID(int=r.getrandbits(128), version=4),
        source=f"/vn/38/{state.unit_code}",
        subject=hashlib.sha256(name.encode()).hexdigest(),
        time=at,
        recorded_at=at,
        partition_key=state.unit_code,
        actor_role="system",
        data=state,
    )
    return made


def fill(log: SqliteLog, topic: str, count: int, seed: int) -> float:
    """Append the events in calls of 5,000; return the mean size of one in bytes."""
    messages = histories(count, seed)
    for start in range(0, count, 5_000):
        log.append(topic, messages[start : start + 5_000])
    return sum(len(message.value) for message in messages) / count


def run(topic: str, count: int, seed: int, warehouse: Warehouse, log: SqliteLog) -> float:
    """Return the seconds from starting the runtime until the last roll-up can be queried."""
    step = LandCases if topic == "cases" else LandBackfill
    size = fill(log, topic, count, seed)
    before = opened(warehouse)
    runtime = Runtime(log, [step(warehouse, epoch=log.epoch)])
    began, worked = time.perf_counter(), time.process_time()
    runtime.start()
    idle = runtime.wait_idle(600)
    seen = opened(warehouse) - before
    took = time.perf_counter() - began
    runtime.stop()
    if not idle or seen != count // 4:
        raise SystemExit(f"expected {count // 4} cases opened, the roll-ups say {seen}")
    each = (time.process_time() - worked) / count * 1e6
    print(
        f"  {count:,} events of {size:.0f} bytes in {took:.2f} s: {count / took:,.0f} events/s,"
        f" {each:.0f} us of processor time each, load average {os.getloadavg()[0]:.1f}"
    )
    return took


def opened(warehouse: Warehouse) -> int:
    """Return how many cases the roll-ups count as opened."""
    return int(warehouse.rows("SELECT sum(opened) AS n FROM rollups_daily FINAL")[0]["n"])


def main() -> None:
    """Run several times on one growing warehouse and print the median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--topic", choices=("cases", "cases-backfill"), default="cases-backfill")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}; {asked.topic}")
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Warehouse(f"chdb://{folder}/warehouse")) as warehouse,
        closing(SqliteLog(Path(folder) / "log.db")) as log,
    ):
        migrate(warehouse)
        count = asked.events - asked.events % 4
        spare_collector()
        took = [run(asked.topic, count, seed, warehouse, log) for seed in range(asked.runs)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"median {count / statistics.median(took):,.0f} events/s; peak memory {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
