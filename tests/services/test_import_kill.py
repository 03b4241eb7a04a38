"""kill -9 at random moments of an import: what was acknowledged is there once, in the store and in the roll-ups."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from events.topics import CASES, CASES_BACKFILL
from services.consuming.in_threads import Runtime
from services.log.sqlite import SqliteLog
from services.store.store import CASES as CASE_ROWS
from services.store.store import OUTBOX, Store
from services.streams.land import LandBackfill, LandCases
from services.warehouse.client import Warehouse
from tests.services.connectors.tables import PLAIN, mapping_file

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20
ROWS = 4_000
LONGEST_LIFE_SECONDS = 0.35
FIRST_DAY = dt.date(2026, 10, 1)

pytestmark = [pytest.mark.process, pytest.mark.warehouse]


def _received_on(number: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=number % 40)


def _cases_file(folder: Path) -> Path:
    path = folder / "cases.csv"
    lines = [f"HS-{number:05d};{_received_on(number):%d/%m/%Y}" for number in range(ROWS)]
    path.write_text("\n".join(["Mã hồ sơ;Ngày tiếp nhận", *lines]) + "\n", encoding="utf-8")
    return path


class Workers:
    """Starts one worker after another; each is a process of its own."""

    def __init__(self, folder: Path, file: Path, mapping: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.connectors.importing_process", folder, file, mapping],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self) -> int:
        """Start a worker and return its process id."""
        self._press_on()
        word, number = self._line().split()
        assert word == "started"
        return int(number)

    def rest(self) -> tuple[list[str], int]:
        """Return what the worker said until its end, and the code or signal with which it ended."""
        said = []
        while not (line := self._line()).startswith("ended"):
            said.append(line)
        self._press_on()
        return said, int(line.split()[1])

    def _press_on(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the starting process died"
        return line.strip()

    def close(self) -> None:
        self._process.communicate()


def _acknowledged(said: list[str]) -> int:
    return max([int(line.split()[1]) for line in said if line.startswith("acknowledged")], default=0)


def _stored_codes(store: Store) -> Counter[str]:
    with store.read() as conn:
        return Counter(conn.scalars(select(CASE_ROWS.c.dossier_code)))


@pytest.mark.slow
def test_twenty_kills_during_an_import_lose_and_double_nothing(
    tmp_path: Path, warehouse: Warehouse, seed: int
) -> None:
    draw = random.Random(seed)
    file, mapping = _cases_file(tmp_path), mapping_file(tmp_path, PLAIN)
    acknowledged, in_the_middle = 0, 0
    workers = Workers(tmp_path, file, mapping)
    for _ in range(KILLS):
        worker = workers.start()
        time.sleep(draw.random() * LONGEST_LIFE_SECONDS)
        os.kill(worker, signal.SIGKILL)  # its number is its own until `rest`, even if it has ended
        said, _ = workers.rest()
        in_the_middle += "finished" not in said
        acknowledged = max(acknowledged, _acknowledged(said))
        if (tmp_path / "store.db").exists():
            store = Store(f"sqlite:///{tmp_path / 'store.db'}")
            stored = _stored_codes(store)
            store.close()
            assert all(stored[f"HS-{number:05d}"] == 1 for number in range(acknowledged)), f"seed {seed}"
    assert in_the_middle >= KILLS // 2, "the file is too short for this machine: most runs came to their end"
    workers.start()
    said, code = workers.rest()
    workers.close()
    assert (said[-1], code) == ("finished", 0)
    _check_store(tmp_path)
    _check_rollups(tmp_path, warehouse)


def _check_store(folder: Path) -> None:
    store = Store(f"sqlite:///{folder / 'store.db'}")
    assert _stored_codes(store) == Counter(f"HS-{number:05d}" for number in range(ROWS))
    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(OUTBOX)) == ROWS, "one event for each case"
        assert conn.scalar(select(func.count()).where(OUTBOX.c.published_at.is_(None))) == 0
    store.close()


def _check_rollups(folder: Path, warehouse: Warehouse) -> None:
    log = SqliteLog(folder / "log.db")
    appended = sum(sum(log.end_positions(topic.name).values()) for topic in (CASES, CASES_BACKFILL))
    assert appended >= ROWS, "the log may hold an event twice, never not at all"
    runtime = Runtime(log, [LandCases(warehouse), LandBackfill(warehouse)])
    runtime.start()
    assert runtime.wait_idle(60)
    assert runtime.stop()
    log.close()
    rows = warehouse.rows(
        "SELECT day, opened FROM rollups_daily FINAL WHERE unit_code = '15607' AND opened > 0"
    )
    assert {row["day"]: row["opened"] for row in rows} == Counter(
        _received_on(number) for number in range(ROWS)
    )
