"""The broker dies and comes back, again and again: each time every group finds its partitions and finishes its work."""

from __future__ import annotations

import time

import pytest

from tests.chaos.conftest import Ruin
from tests.chaos.load import Load
from tests.chaos.verdict import settle

pytestmark = [pytest.mark.process, pytest.mark.chaos]

ROUNDS = 3
RATE = 200
WORKERS = ("worker-1", "worker-2")


def test_every_group_goes_on_after_each_death_of_the_broker(ruin: Ruin, rounds: int | None) -> None:
    _return_again_and_again(ruin, rounds or ROUNDS, with_a_worker=False)


def test_a_worker_that_starts_while_the_broker_comes_back_leaves_no_group_without_partitions(
    ruin: Ruin, rounds: int | None
) -> None:
    _return_again_and_again(ruin, rounds or ROUNDS, with_a_worker=True)


def _return_again_and_again(ruin: Ruin, rounds: int, *, with_a_worker: bool) -> None:
    """Kill the broker once a round, under load; then let the load pause until everything is finished."""
    settled, fell = [], 0
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
    assert _left_out(ruin) == []


def _kill_and_bring_back(ruin: Ruin, *, with_a_worker: bool) -> None:
    away = ruin.chance.uniform(0.0, 1.0)
    worker = ruin.stack.parts[ruin.chance.choice(WORKERS)]
    early = ruin.chance.uniform(0.0, 1.5)
    ruin.broker.kill()
    time.sleep(away)
    if with_a_worker:
        # It needs a second or two before it asks the broker, as the broker does before it answers.
        worker.kill()
        worker.launch()
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


def _left_out(ruin: Ruin) -> list[str]:
    """Return what the workers printed about topics that an assignment left out, and groups that nobody served."""
    said = [ruin.stack.parts[name].output.read_text(errors="replace") for name in WORKERS]
    words = ("Ignoring missing topic", "No partition metadata for topic", "a group is not served")
    return [line for text in said for line in text.splitlines() if any(word in line for word in words)]
