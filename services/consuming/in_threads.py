"""The embedded runtime: drives stream steps in threads of this process, and the timers beside them."""

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
    """Run every step on every one of its topics, each in a thread of its own.

    Args:
        log: the log that the steps read.
        steps: what to run; their order does not matter.
        clock: tells the instants that dead letters and health carry.
        backoff: the pauses between attempts at a batch.
        gauges: where the metrics go, if anywhere.
        refused_in_a_row: after so many refused records in a row a lane stops.
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
        """Tell whether what one worker does for all is this one's to do: there is no other."""
        return True

    def every(self, seconds: float, job: Callable[[], object], name: str) -> None:
        """Run a job at the start and then every so many seconds; its faults are logged and shown in `timers`."""
        self._timers.every(seconds, job, name)

    def start(self) -> None:
        """Start every lane and the timers."""
        for lane in self._lanes:
            lane.start()
        self._timers.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """Stop taking batches, finish or abandon those in hand, and tell whether every thread ended in time.

        A batch that is repeating after a fault is abandoned; it comes again at the next start.
        """
        deadline = time.monotonic() + timeout
        self._timers.stop()
        for lane in self._lanes:
            lane.stop()
        parts: list[Timers | ThreadRunner] = [self._timers, *self._lanes]
        ended = [part.join(max(0.0, deadline - time.monotonic())) for part in parts]
        return all(ended)

    def wait_idle(self, timeout: float) -> bool:
        """Wait until every group has finished everything in its topics; see `Progress.wait_idle`."""
        return self._progress.wait_idle(timeout)

    def health(self) -> list[RunnerHealth]:
        """Return the state of every lane."""
        return self._progress.health()

    def timers(self) -> list[Timer]:
        """Return every timer with its last outcome."""
        return self._timers.states()

    def _progressed(self) -> None:
        self._progress.moved()
