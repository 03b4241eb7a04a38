"""Rebuild and replay beside workers under load, one of which stands still or falls: nothing is missing afterwards."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import closing
from itertools import count

import pytest

from services.boot.steps import COUNT_SECONDS
from services.streams.due_recounts import DueRecounts
from services.warehouse.client import Warehouse
from tests.chaos.conftest import Ground, Ruin
from tests.chaos.verdict import at_rest
from tests.journeys.installation import eventually

pytestmark = [pytest.mark.process, pytest.mark.chaos, pytest.mark.slow]

Rows = list[dict[str, object]]

ROUNDS = 2
RATE = 200
PATIENCE = 180.0
SHOWN = (
    "SELECT * EXCEPT (version) FROM rollups_daily FINAL WHERE notEmpty(groups.field_code) ORDER BY ALL",
    "SELECT * EXCEPT (version) FROM rollups_monthly FINAL WHERE notEmpty(groups.field_code) ORDER BY ALL",
    "SELECT * FROM case_marks FINAL ORDER BY ALL",
    "SELECT * FROM cases_current FINAL ORDER BY ALL",
    "SELECT * EXCEPT (row_version) FROM issues_current FINAL ORDER BY ALL",
    "SELECT * FROM source_states FINAL ORDER BY ALL",
)


def test_rebuilds_and_replays_under_load_leave_every_number_right(ground: Ground, rounds: int | None) -> None:
    with ground.installation() as ruin:
        _spoil_and_mend(ruin, rounds or ROUNDS)


def _spoil_and_mend(ruin: Ruin, rounds: int) -> None:
    commands = (["rebuild"], ["replay", "--all"], ["rebuild"], ["replay", "--topic", "issues"])
    with ruin.load(RATE) as load:
        for number in range(rounds):
            time.sleep(ruin.chance.uniform(2.0, 4.0))
            _spoil(ruin)
            command = commands[number % len(commands)]
            disturbance = threading.Thread(target=_disturb, args=(ruin,))
            disturbance.start()
            began = time.monotonic()
            said = ruin.stack.must(*command, timeout=400).splitlines()
            ruin.say(f"{' '.join(command)}: {time.monotonic() - began:.1f} s; {said[-1]}")
            disturbance.join(60)
        ruin.say(ruin.stack.must("rebuild", timeout=400).splitlines()[-1])
    ruin.judge(load)
    # Each look replays into a database of its own.
    beside = (f"{ruin.stack.database}_beside_{number}" for number in count(1))
    # A worker counts the days and months that batches left to it once a minute, and at its end.
    assert ruin.stack.parts["worker-2"].stop() == 0
    held, replayed = at_rest(ruin.stack, lambda: _both(ruin, next(beside)))
    for statement, one, other in zip(SHOWN, held, replayed, strict=True):
        # Thousands of rows: only where they differ are those named that do.
        assert one == other or [row for row in one if row not in other][:3] == [], statement
        assert one == other or [row for row in other if row not in one][:3] == [], statement


def _both(ruin: Ruin, beside: str) -> tuple[list[Rows], list[Rows]]:
    """Return what readers see, and what they see in a replay of the log."""
    ruin.stack.must("replay", "--all", "--into", beside, timeout=400)
    eventually(lambda: not _due(ruin), COUNT_SECONDS + PATIENCE)
    return _shown(ruin, ruin.stack.database), _shown(ruin, beside)


def _disturb(ruin: Ruin) -> None:
    """Let one worker stand still for a while, or kill it, at a random moment of the command."""
    worker = ruin.stack.parts[ruin.chance.choice(("worker-1", "worker-2"))]
    time.sleep(ruin.chance.uniform(0.0, 6.0))
    if ruin.chance.random() < 0.5:
        worker.kill()
        worker.start()
        return
    worker.signal(signal.SIGSTOP)
    time.sleep(ruin.chance.uniform(1.0, 12.0))
    worker.signal(signal.SIGCONT)


def _spoil(ruin: Ruin) -> None:
    """Put something wrong into the roll-ups, and a wrong column into the rows of some issues."""
    with closing(Warehouse(ruin.front.dsn, database=ruin.stack.database)) as warehouse:
        warehouse.command(
            "INSERT INTO rollups_daily (unit_code, day, version, opened, groups.field_code, groups.channel, groups.opened)"
            " VALUES ('15607', '2026-02-01', 18446744073709551615, 7, ['civil'], ['counter'], [7])"
        )
        warehouse.command(
            "INSERT INTO issues_current SELECT * REPLACE ('40' AS province_code) FROM issues_current FINAL"
            " WHERE cityHash64(issue_id) % 3 = 0"
        )


def _due(ruin: Ruin) -> bool:
    with closing(Warehouse(ruin.front.dsn, database=ruin.stack.database)) as warehouse:
        return any(DueRecounts(warehouse).due())


def _shown(ruin: Ruin, database: str) -> list[Rows]:
    """Return what readers see; units whose every case moved away may keep an empty row."""
    with closing(Warehouse(ruin.front.dsn, database=database)) as warehouse:
        return [warehouse.rows(statement) for statement in SHOWN]
