"""Workers come and go, sleep past their session, and everything is delivered twice: no state goes back."""

from __future__ import annotations

import signal
import time
from contextlib import closing

import pytest

from services.log.kafka_consumer import SESSION_MS
from services.warehouse.client import Warehouse
from tests.chaos.again import append_again
from tests.chaos.conftest import Ruin
from tests.chaos.verdict import settle
from tests.journeys.installation import eventually
from tests.stack import Part

pytestmark = [pytest.mark.process, pytest.mark.chaos, pytest.mark.slow]

ROUNDS = 4
NAPS = 1
RATE = 400
PATIENCE = 180.0


def test_workers_that_come_and_go_every_few_seconds_lose_nothing(ruin: Ruin, rounds: int | None) -> None:
    coming = [ruin.stack.parts["worker-2"], ruin.stack.worker(3)]
    done = {"started": 0, "stopped": 0, "killed": 0}
    with ruin.load(RATE) as load:
        for _ in range(rounds or ROUNDS):
            time.sleep(ruin.chance.uniform(0.5, 2.0))
            worker = ruin.chance.choice(coming)
            if not worker.runs:
                worker.start()
                done["started"] += 1
            elif ruin.chance.random() < 0.5:
                assert worker.stop() == 0
                done["stopped"] += 1
            else:
                worker.kill()
                done["killed"] += 1
        with closing(ruin.stack.open_log()) as log:
            again = append_again(log)
    ruin.say(", ".join(f"{count} {what}" for what, count in done.items()) + f"; {again} records sent again")
    ruin.judge(load)


def test_a_worker_that_sleeps_past_its_session_and_writes_late_changes_nothing(
    ruin: Ruin, rounds: int | None
) -> None:
    sleeper = ruin.stack.parts["worker-1"]
    for number in range(rounds or NAPS):
        ruin.seed += number
        with ruin.load(RATE) as load:
            time.sleep(ruin.chance.uniform(2.0, 4.0))
            sleeper.signal(signal.SIGSTOP)
            time.sleep(SESSION_MS / 1_000)
        # Everything is finished only when the other worker has taken over what the sleeper had.
        settle(ruin.stack)
        twice = _delivered_twice(ruin)
        _wake(ruin, sleeper)
        ruin.judge(load)
        ruin.say(f"{_delivered_twice(ruin) - twice} rows were written late, {twice} twice before")
        assert sleeper.runs


def _wake(ruin: Ruin, sleeper: Part) -> None:
    """Let the sleeper go on, and wait until the groups say that they take it in again."""
    said = _printed_bytes(ruin)
    sleeper.signal(signal.SIGCONT)
    eventually(lambda: _printed_bytes(ruin) > said, PATIENCE)


def _printed_bytes(ruin: Ruin) -> int:
    """Return how many bytes the workers have printed."""
    return sum(part.output.stat().st_size for name, part in ruin.stack.parts.items() if "worker" in name)


def _delivered_twice(ruin: Ruin) -> int:
    """Count the rows of facts that landed on a row with the same position, as far as the engine still has both."""
    with closing(Warehouse(ruin.front.dsn, database=ruin.stack.database)) as warehouse:
        found = warehouse.rows(
            "SELECT count() - uniqExact(topic, partition, offset) AS twice FROM case_events"
        )
    return int(found[0]["twice"])
