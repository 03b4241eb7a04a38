"""Several processes on one store: one relay at a time, taken over when it dies, the order of each key kept."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import select

from services.log.sqlite import SqliteLog
from services.store.outbox import BATCH, Relay, outbox_stats
from services.store.store import OUTBOX, Store
from tests.services.relaying_process import KEYS
from tests.services.test_outbox import in_log, soon, subject

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
KILLS = 4
TAKEN_OVER_SECONDS = 5.0


class Instances:
    """Two processes on one store; one that is killed is replaced."""

    def __init__(self, folder: Path, store_url: str, seed: int) -> None:
        self.folder = folder
        self.log = folder / "log.db"
        self._store_url = store_url
        self._draw = random.Random(seed)
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        arguments = [self._store_url, self.log, self.folder, self._draw.randrange(10**9)]
        command = [sys.executable, "-m", "tests.services.relaying_process", *map(str, arguments)]
        process = subprocess.Popen(command, cwd=ROOT)
        self._running[process.pid] = process

    def publishers(self) -> list[int]:
        """Return which process published each batch, in their order."""
        notes = self.folder / "published"
        lines = notes.read_text(encoding="ascii").splitlines() if notes.exists() else []
        return [int(line) for line in lines]

    def kill_the_publisher(self) -> float:
        """Kill it at a moment of its work, and return how long it took until the other published."""
        time.sleep(self._draw.random() * 0.5)
        killed = self.publishers()[-1]
        os.kill(killed, signal.SIGKILL)
        self._running.pop(killed).wait()
        died_at = time.monotonic()
        assert soon(lambda: self.publishers()[-1] != killed, seconds=30)
        return time.monotonic() - died_at

    def kill_all(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()

    def acknowledged(self) -> set[uuid.UUID]:
        """Return what was committed for certain; a torn last line was not."""
        whole = [
            line
            for path in self.folder.glob("acknowledged-*")
            for line in path.read_text(encoding="ascii").rpartition("\n")[0].splitlines()
        ]
        return {uuid.UUID(line) for line in whole}


@pytest.fixture
def instances(tmp_path: Path, postgres_url: str, seed: int) -> Iterator[Instances]:
    started = Instances(tmp_path, postgres_url, seed)
    yield started
    started.kill_all()


@pytest.mark.slow
def test_a_relay_that_is_killed_under_load_is_replaced_within_seconds_in_order_and_without_loss(
    instances: Instances, postgres_url: str
) -> None:
    instances.start()
    instances.start()
    assert soon(lambda: bool(instances.publishers()), seconds=30)
    gaps = []
    for _ in range(KILLS):
        gaps.append(instances.kill_the_publisher())
        instances.start()
    instances.kill_all()
    sys.stdout.write(f"taken over after {', '.join(f'{gap:.2f}' for gap in gaps)} s\n")
    assert max(gaps) < TAKEN_OVER_SECONDS
    terms = [publisher for publisher, _ in groupby(instances.publishers())]
    assert len(terms) == len(set(terms)), "whoever published once goes on until its death, and alone"

    log, store = SqliteLog(instances.log), Store(postgres_url)
    relay = Relay(store, log)
    assert soon(lambda: relay.publish_all() == 0 and outbox_stats(store).depth == 0)
    with store.read() as conn:
        rows = conn.execute(select(OUTBOX.c.event_id, OUTBOX.c.key).order_by(OUTBOX.c.id)).all()
    recorded: dict[str, list[uuid.UUID]] = defaultdict(list)
    for row in rows:
        recorded[row.key].append(row.event_id)
    acknowledged = instances.acknowledged()
    assert len(acknowledged) > 100
    assert acknowledged <= {row.event_id for row in rows}
    appended_count = 0
    for key in KEYS:
        appended = in_log(log, key)
        appended_count += len(appended)
        assert list(dict.fromkeys(appended)) == recorded[subject(key)], (
            "nothing lost, and in the order of recording"
        )
    # What was published and not marked when its relay died is published again: a batch at the most.
    assert appended_count - len(rows) <= (KILLS + 1) * BATCH
    log.close()
    store.close()
