"""The embedded runtime: drives stream steps in threads of this process, and the timers beside them."""

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
    """Run every step on every one of its topics, each in a thread of its own.

    Args:
        log: the log that the steps read.
        steps: what to run; their order does not matter.
    """

    def __init__(self, log: EventLog, steps: Sequence[StreamStep], **driving: Unpack[Driving]) -> None:
        super().__init__(log, **driving)
        self._lanes = [
            ThreadRunner(log, step, topic, self._options) for step in steps for topic in step.topics
        ]
        self._follow(self._lanes)

    @property
    def leads(self) -> bool:
        """Tell whether what one worker does for all is this one's to do: there is no other."""
        return True

    def start(self) -> None:
        """Start every lane and the timers."""
        for lane in self._lanes:
            lane.start()
        self.timers.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """Take no more batches, finish or abandon those in hand, and tell whether every thread ended in time."""
        deadline = time.monotonic() + timeout
        self.timers.stop()
        for lane in self._lanes:
            lane.stop()
        parts: list[Timers | ThreadRunner] = [self.timers, *self._lanes]
        ended = [part.join(max(0.0, deadline - time.monotonic())) for part in parts]
        return all(ended)
