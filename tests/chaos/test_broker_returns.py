"""The broker dies and comes back, again and again: each time every group finds its partitions and finishes its work."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Literal

import pytest

from events.errors import LogError
from services.consuming.in_faust import WorkerRuntime
from services.log.kafka import KafkaLog
from services.log.kafka_cluster import KafkaCluster
from tests.chaos.again import append_until_taken
from tests.chaos.conftest import Ground, Ruin
from tests.chaos.load import Load
from tests.chaos.verdict import settle
from tests.contract.kafka_homes import fresh_cluster
from tests.contract.streams import NOW, Notes, numbered
from tests.journeys.installation import eventually

pytestmark = [pytest.mark.process, pytest.mark.chaos, pytest.mark.slow]

ROUNDS = 2
RATE = 200
SOME = 20
PATIENCE = 240.0
TOPICS_OF_GROUPS = ("issues", "sources", "cases")
"""Two go through agents, one through a lane."""
WORKERS = ("worker-1", "worker-2")


def test_every_group_goes_on_after_each_death_of_the_broker(ruin: Ruin, rounds: int | None) -> None:
    _return_again_and_again(ruin, rounds or ROUNDS, with_a_worker=False)


def test_a_worker_that_starts_while_the_broker_comes_back_leaves_no_group_without_partitions(
    ruin: Ruin, rounds: int | None
) -> None:
    _return_again_and_again(ruin, rounds or ROUNDS, with_a_worker=True)


def test_the_members_of_every_kind_of_group_find_their_partitions_after_each_death_of_the_broker(
    ground: Ground, rounds: int | None
) -> None:
    """Two workers without an engine, each a member of three groups: many deaths in little time."""
    chance, asked = random.Random(ground.seed), rounds or ROUNDS
    if ground.broker.pid is None:
        ground.broker.start()
    cluster = fresh_cluster(ground.broker.servers)
    ended: list[str] = []
    settled: list[float] = []
    with closing(KafkaLog(cluster)) as log, ExitStack() as running:
        seen = [_numbers_of_a_worker(cluster, running, ended.append) for _ in range(2)]
        for number in range(asked):
            _append(log, number, "before")
            time.sleep(chance.uniform(0.0, 1.0))
            ground.broker.kill()
            time.sleep(chance.uniform(0.0, 1.0))
            ground.broker.start()
            _append(log, number, "after")
            settled.append(_seconds_to_finish(log))
            ground.say(f"kill {number + 1} of {asked}: finished after {settled[-1]:.1f} s")
        for topic in TOPICS_OF_GROUPS:
            assert set().union(*(worker[topic] for worker in seen)) >= set(range(2 * asked * SOME))
    assert ended == []
    ground.say(f"{asked} kills of the broker, unsettled 0, longest {max(settled):.1f} s")


def _numbers_of_a_worker(
    cluster: KafkaCluster, running: ExitStack, end: Callable[[str], None]
) -> dict[str, set[int]]:
    """Start a worker; return the numbers of events that it gets, by topic."""
    steps = {topic: Notes(topic) for topic in TOPICS_OF_GROUPS}
    for topic, step in steps.items():
        step.group = f"notes-{topic}"
    log = running.enter_context(closing(KafkaLog(cluster)))
    worker = WorkerRuntime(cluster, log, list(steps.values()), clock=lambda: NOW, end=end)
    worker.start()
    running.callback(worker.stop)
    return {topic: step.numbers for topic, step in steps.items()}


def _append(log: KafkaLog, number: int, when: Literal["before", "after"]) -> None:
    first = (2 * number + (when == "after")) * SOME
    for topic in TOPICS_OF_GROUPS:
        append_until_taken(log, topic, numbered(*range(first, first + SOME)))


def _seconds_to_finish(log: KafkaLog) -> float:
    began = time.monotonic()
    eventually(lambda: all(_finished(log, topic) for topic in TOPICS_OF_GROUPS), PATIENCE)
    return time.monotonic() - began


def _finished(log: KafkaLog, topic: str) -> bool:
    try:
        return log.committed(f"notes-{topic}", topic) == log.end_positions(topic)
    except LogError:
        return False


def _return_again_and_again(ruin: Ruin, rounds: int, *, with_a_worker: bool) -> None:
    """Kill the broker once a round, under load; then let the load pause until everything is finished."""
    settled, fell = [], 0
    before = {name: len(_said(ruin, name)) for name in WORKERS}
    with ruin.load(RATE) as load:
        for number in range(rounds):
            time.sleep(ruin.chance.uniform(0.5, 2.0))
            _kill_and_bring_back(ruin, with_a_worker=with_a_worker)
            fell += _start_what_fell(ruin)
            settled.append(_seconds_to_settle(ruin, load))
            fell += _start_what_fell(ruin)
            ruin.say(f"kill {number + 1} of {rounds}: settled after {settled[-1]:.1f} s")
    ruin.say(
        f"{rounds} kills of the broker, {fell} falls of others; settled each time, after {max(settled):.1f} s at most "
        f"and {sorted(settled)[len(settled) // 2]:.1f} s as a rule"
    )
    ruin.judge(load)
    assert _left_out(ruin, before) == []


def _kill_and_bring_back(ruin: Ruin, *, with_a_worker: bool) -> None:
    away = ruin.chance.uniform(0.0, 1.0)
    worker = ruin.stack.parts[ruin.chance.choice(WORKERS)]
    early = ruin.chance.uniform(0.0, 1.5)
    ruin.broker.kill()
    time.sleep(away)
    if with_a_worker:
        # It needs a second or two before it asks the broker, as the broker does before it answers.
        worker.kill()
        worker.is_cold = True
        worker.launch()
        worker.is_cold = False
        time.sleep(early)
    ruin.broker.start()


def _start_what_fell(ruin: Ruin) -> int:
    """Start what fell because another was away, as its supervisor would."""
    fallen = [part for part in ruin.stack.parts.values() if not part.runs]
    for part in fallen:
        part.launch()
    return len(fallen)


def _seconds_to_settle(ruin: Ruin, load: Load) -> float:
    with load.pause():
        return settle(ruin.stack)


def _left_out(ruin: Ruin, before: dict[str, int]) -> list[str]:
    """Return what the workers printed since about topics that an assignment left out, and groups that nobody served."""
    words = ("Ignoring missing topic", "No partition metadata for topic", "a group is not served")
    lines = (line for name in WORKERS for line in _said(ruin, name)[before[name] :].splitlines())
    return [line for line in lines if any(word in line for word in words)]


def _said(ruin: Ruin, name: str) -> str:
    return ruin.stack.parts[name].output.read_text(errors="replace")
