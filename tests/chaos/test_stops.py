"""SIGTERM under load: a worker ends in its time of grace, and what it gives back to be delivered again is one batch per lane."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from services.streams.land import Land, LandBackfill, LandCases
from services.warehouse.client import Warehouse
from tests.chaos.conftest import Ground, Ruin

pytestmark = [pytest.mark.process, pytest.mark.chaos, pytest.mark.slow]

ROUNDS = 2
RATE = 500
MOST_AGAIN = RATE
"""Of one lane, a second of the load: far less than the whole log, which fits into the largest batch."""
GRACE_SECONDS = 60.0
"""The time that the compose file gives a worker; how long it takes is printed, not judged."""


def test_a_worker_ends_in_its_time_of_grace_and_repeats_at_most_one_batch_per_lane(
    ground: Ground, rounds: int | None
) -> None:
    slowest, most = 0.0, 0
    with ground.installation(workers=1) as ruin:
        worker = ruin.stack.parts["worker-1"]
        with ruin.load(RATE) as load:
            for _ in range(rounds or ROUNDS):
                time.sleep(ruin.chance.uniform(0.3, 2.0))
                began = time.monotonic()
                assert worker.stop(GRACE_SECONDS) == 0
                slowest = max(slowest, time.monotonic() - began)
                most = max(most, _beyond_what_is_committed(ruin))
                worker.start()
        ruin.say(f"slowest stop {slowest:.1f} s, at most {most} events to be delivered again")
        ruin.judge(load)


def _beyond_what_is_committed(ruin: Ruin) -> int:
    """Return the most events that one lane has landed and will get again."""
    most = 0
    warehouse = Warehouse(ruin.front.dsn, database=ruin.stack.database)
    with closing(warehouse), closing(ruin.stack.open_log()) as log:
        for step in (Land, LandCases, LandBackfill):
            for topic in step.topics:
                committed = log.committed(step.group, topic)
                again = sum(
                    row["offset"] >= committed.get(row["partition"], 0)
                    for row in warehouse.rows(
                        "SELECT DISTINCT partition, offset FROM landed WHERE topic = {topic:String}",
                        topic=topic,
                    )
                )
                assert again <= min(step.max_records, MOST_AGAIN), (
                    f"{topic}: {again} events would be delivered again"
                )
                most = max(most, again)
    return most
