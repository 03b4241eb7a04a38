"""kill -9 of every process at random moments under load: what was acknowledged is there, and counts once."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.chaos.conftest import Ruin

pytestmark = [pytest.mark.process, pytest.mark.chaos, pytest.mark.slow]

ROUNDS = 10
RATE = 500


def test_kill_minus_nine_of_whatever_loses_nothing_and_counts_nothing_twice(
    ruin: Ruin, rounds: int | None
) -> None:
    victims: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "commune service with its relay": (
            ruin.stack.parts["commune"].kill,
            ruin.stack.parts["commune"].launch,
        ),
        "worker 1": (ruin.stack.parts["worker-1"].kill, ruin.stack.parts["worker-1"].launch),
        "worker 2": (ruin.stack.parts["worker-2"].kill, ruin.stack.parts["worker-2"].launch),
        "broker": (ruin.broker.kill, ruin.broker.start),
        "engine": (ruin.front.kill, ruin.front.start),
    }
    killed = dict.fromkeys(victims, 0)
    with ruin.load(RATE) as load:
        for number in range(rounds or ROUNDS):
            time.sleep(ruin.chance.uniform(0.5, 2.5))
            # Each victim falls at least once in five rounds; the moment and the order are chance.
            least = min(killed.values())
            name = ruin.chance.choice(
                [victim for victim, count in killed.items() if count <= least + number % 2]
            )
            kill, start = victims[name]
            killed[name] += 1
            kill()
            time.sleep(ruin.chance.uniform(0.0, 1.0))
            start()
            # What fell because another was away starts again, as its supervisor would let it.
            for part in ruin.stack.parts.values():
                if not part.runs:
                    part.launch()
        ruin.stack.bring_back()
    ruin.say(", ".join(f"{name} {count}" for name, count in killed.items()))
    ruin.judge(load)
