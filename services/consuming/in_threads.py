"""The embedded runtime: runs stream steps in threads of this process, and the timers beside them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Unpack

from events.log import EventLog
from services.consuming.runner import ThreadRunner
from services.consuming.runtime import Driving, StepRuntime
from services.consuming.step import StreamStep
from services.consuming.timers import Timers


class Runtime(StepRuntime):
    """Runs every step on each of its topics, each in a thread of its own.

    Args:
        log: the log that the steps read.
        steps: the steps to run, in any order.
    """

    def __init__(self, log: EventLog, steps: Sequence[StreamStep], **driving: Unpack[Driving]) -> None:
        super().__init__(log, **driving)
        self._lanes = [
            ThreadRunner(log, step, topic, self._options) for step in steps for topic in step.topics
        ]
        self._follow(self._lanes)

    @property
    def leads(self) -> bool:
        """Return True: with one process, it runs every timed job."""
        return True

    def start(self) -> None:
        """Start every runner and the timers."""
        for lane in self._lanes:
            lane.start()
        self.timers.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """Stop polling, finish or abandon the current batches, and return whether every thread ended in time."""
        deadline = time.monotonic() + timeout
        self.timers.stop()
        for lane in self._lanes:
            lane.stop()
        parts: list[Timers | ThreadRunner] = [self.timers, *self._lanes]
        ended = [part.join(max(0.0, deadline - time.monotonic())) for part in parts]
        return all(ended)
