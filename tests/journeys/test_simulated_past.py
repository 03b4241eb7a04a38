"""A simulated past through real processes: kill -9 in the middle, and a live watch beside it, change nothing of it."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from events.codec import decode
from events.envelope import Envelope
from events.log import EventLog
from events.topics import ISSUES
from reporting.dated.calendar import local_day
from services.log.sqlite import SqliteLog
from services.store.simulations import under_way
from services.store.store import Store
from tests.journeys.installation import eventually, liencap
from tests.processes import Forked, Process
from tests.processes import start as begin
from tests.services.world import tables
from tests.stack import Stack

pytestmark = [pytest.mark.process, pytest.mark.warehouse, pytest.mark.slow]

LAI_CHAU, DAYS = "12", 9
KILLED_AFTER = (4, 12)
PATIENCE = 900


def simulation(environment: dict[str, str]) -> Forked:
    """Start the command in a process of its own."""
    start = local_day(dt.datetime.now(dt.UTC)) - dt.timedelta(days=DAYS - 1)
    words = ["simulate", "--province", LAI_CHAU, "--days", str(DAYS), "--from", str(start)]
    return begin(words, environment, 1, 2)


def killed_and_finished(environment: dict[str, str], store_url: str) -> None:
    """Kill the simulation after some of its steps, twice, and let a third one end it."""
    for steps in KILLED_AFTER:
        process = simulation(environment)
        with closing(Store(store_url)) as store:
            eventually(partial(_has_come_to, store, steps, process), PATIENCE)
        process.kill()
        process.wait()
    assert simulation(environment).wait(PATIENCE) == 0
    with closing(Store(store_url)) as store:
        assert under_way(store) == ()


def _has_come_to(store: Store, steps: int, process: Process) -> bool:
    assert process.poll() is None, "it ended before it was killed"
    return any(one.step_count >= steps for one in under_way(store))


def issue_events(log: EventLog) -> list[Envelope]:
    ends = log.end_positions(ISSUES.name)
    return [
        decode(record.value)
        for partition, end in ends.items()
        for record in log.read(ISSUES.name, partition, 0, end)
    ]


def must_be_timely(events: list[Envelope]) -> None:
    """Let no deadline be said over a working day late, and nothing have two contents."""
    by_id = {event.id: event for event in events}
    assert all(by_id[event.id] == event for event in events)
    time = tables().working_time
    clocks = [event for event in events if event.type.startswith("clock.")]
    assert any(event.type == "clock.breached" for event in clocks)
    assert [one for one in clocks if time.between(one.time, one.recorded_at) > time.office_day] == []


def test_in_one_process_it_survives_kills(tmp_path: Path) -> None:
    environment = {**os.environ, "LIENCAP_DATA": str(tmp_path)}
    killed_and_finished(environment, f"sqlite:///{tmp_path / 'store.db'}")
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        must_be_timely(issue_events(log))
    audit = liencap(tmp_path, "audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_beside_a_worker_it_survives_kills_and_the_workers_watch_waits(stack: Stack) -> None:
    stack.must("migrate")
    stack.worker().start()
    killed_and_finished(stack.environment, stack.store_url)
    with closing(stack.open_log()) as log:
        must_be_timely(issue_events(log))
    assert "audit: ok" in stack.must("audit")
