"""The embedded runtime: runs stream steps in threads of this process, and the timers beside them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence

from events.log import EventLog
from services.consuming.delivery import REFUSED_IN_A_ROW, Backoff
from services.consuming.gauges import StreamGauges
from services.consuming.progress import Progress, RunnerHealth
from services.consuming.runner import RunnerOptions, ThreadRunner
from services.consuming.step import Step
from services.consuming.timers import Timer, Timers


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Runtime:
    """Runs every step on each of its topics, each in a thread of its own.

    Args:
        log: the log to read.
        steps: the steps to run, in any order.
        clock: returns the instants in dead letters and health.
        backoff: the pauses between attempts at a batch.
        gauges: the metrics, if any.
        refused_in_a_row: number of refused records in a row after which a runner stops.
    """

    def __init__(
        self,
        log: EventLog,
        steps: Sequence[Step],
        *,
        clock: Callable[[], dt.datetime] = _now,
        backoff: Backoff | None = None,
        gauges: StreamGauges | None = None,
        refused_in_a_row: int = REFUSED_IN_A_ROW,
    ) -> None:
        self._timers = Timers(clock)
        options = RunnerOptions(clock, backoff or Backoff(), gauges, refused_in_a_row, self._progressed)
        self._lanes = [ThreadRunner(log, step, topic, options) for step in steps for topic in step.topics]
        self._progress = Progress(log, self._lanes)
        if gauges is not None:
            gauges.watch_lags(self._progress.lags)

    @property
    def leads(self) -> bool:
        """Return True: with one process, it runs every timed job."""
        return True

    def every(self, seconds: float, job: Callable[[], object], name: str) -> None:
        """Run a job at the start and then at this interval in seconds; its errors are logged and shown in `timers`."""
        self._timers.every(seconds, job, name)

    def start(self) -> None:
        """Start every runner and the timers."""
        for lane in self._lanes:
            lane.start()
        self._timers.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """Stop polling, finish or abandon the current batches, and return whether every thread ended in time.

        A batch that is being retried is abandoned; it is delivered again at the next start.
        """
        deadline = time.monotonic() + timeout
        self._timers.stop()
        for lane in self._lanes:
            lane.stop()
        parts: list[Timers | ThreadRunner] = [self._timers, *self._lanes]
        ended = [part.join(max(0.0, deadline - time.monotonic())) for part in parts]
        return all(ended)

    def wait_idle(self, timeout: float) -> bool:
        """Wait until every group has finished all records of its topics; see `Progress.wait_idle`."""
        return self._progress.wait_idle(timeout)

    def health(self) -> list[RunnerHealth]:
        """Return the state of every runner."""
        return self._progress.health()

    def timers(self) -> list[Timer]:
        """Return every timer with its last outcome."""
        return self._timers.states()

    def _progressed(self) -> None:
        self._progress.moved()
