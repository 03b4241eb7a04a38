"""The broker is away for long: the counters work on as if nothing were, and the log catches up afterwards."""

from __future__ import annotations

import time

import pytest

from tests.chaos.conftest import Ruin

pytestmark = [pytest.mark.process, pytest.mark.chaos, pytest.mark.slow]

AWAY_SECONDS = 10.0
RATE = 300
FEWEST_OF_RATE = 0.1
"""A machine with little to spare sends less than the rate; what waited for the broker would send next to nothing."""


def test_counters_work_on_while_the_broker_is_away(ruin: Ruin, rounds: int | None) -> None:
    """`--rounds` are minutes here."""
    away = 60.0 * rounds if rounds else AWAY_SECONDS
    with ruin.load(RATE) as load:
        time.sleep(2.0)
        ruin.broker.kill()
        before = load.ledger.event_count
        time.sleep(away)
        taken = load.ledger.event_count - before
        assert load.ledger.failed_count == 0
        ruin.broker.start()
        time.sleep(2.0)
    ruin.say(f"{taken} events taken while the broker was away for {away:.0f} s")
    assert taken > RATE * away * FEWEST_OF_RATE
    assert load.ledger.slowest_seconds < away
    ruin.judge(load)
