"""The clock of a commune's machine jumps hours ahead and back: the numbers of its cases go on, and nothing is lost."""

from __future__ import annotations

import time

import pytest

from tests.chaos.conftest import Ruin
from tests.processes import PROGRAM

pytestmark = [pytest.mark.process, pytest.mark.chaos, pytest.mark.slow]

SHIFTS = (5 * 3_600, -3 * 3_600)
RATE = 300


def test_a_clock_that_jumps_ahead_and_back_takes_no_number_back(ruin: Ruin, rounds: int | None) -> None:
    commune = ruin.stack.parts["commune"]
    with ruin.load(RATE) as load:
        for number in range(rounds or len(SHIFTS)):
            time.sleep(ruin.chance.uniform(1.0, 3.0))
            shift = SHIFTS[number % len(SHIFTS)]
            commune.kill()
            commune.program = ("tests.chaos.shifted_clock", str(shift))
            commune.start()
            ruin.say(f"the clock is {shift / 3_600:+.0f} h off")
        time.sleep(ruin.chance.uniform(1.0, 3.0))
        commune.kill()
        commune.program = PROGRAM
        commune.start()
        time.sleep(2.0)
    ruin.judge(load)
