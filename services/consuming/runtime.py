"""The common half of both runtimes: steps, timed jobs, progress and health, on either log."""

from __future__ import annotations

import abc
import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypedDict, Unpack

from events.log import EventLog
from services.consuming.delivery import REFUSED_IN_A_ROW, Backoff
from services.consuming.gauges import StreamGauges
from services.consuming.progress import Progress, RunnerHealth
from services.consuming.runner import RunnerOptions, StepRunner
from services.consuming.timers import Timers


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Driving(TypedDict, total=False):
    """Options of a runtime, each with a default.

    Attributes:
        clock: returns the instants in dead letters and health.
        backoff: the pauses between attempts at a batch.
        gauges: the metrics, if any.
        refused_in_a_row: number of refused records in a row after which a runner stops.
    """

    clock: Callable[[], dt.datetime]
    backoff: Backoff
    gauges: StreamGauges | None
    refused_in_a_row: int


class StepRuntime(abc.ABC):
    """Runs every step on each of its topics.

    Attributes:
        timers: the timed jobs that run beside the steps.
    """

    _progress: Progress

    def __init__(self, log: EventLog, **driving: Unpack[Driving]) -> None:
        clock = driving.get("clock", _now)
        self.timers = Timers(clock)
        self._before_idle: list[Callable[[], object]] = []
        self._log = log
        self._gauges = driving.get("gauges")
        self._options = RunnerOptions(
            clock,
            driving.get("backoff") or Backoff(),
            self._gauges,
            driving.get("refused_in_a_row", REFUSED_IN_A_ROW),
            self._progressed,
        )

    def _follow(self, carriers: Sequence[StepRunner]) -> None:
        """Follow the progress of these runners; every runtime calls it once, after it has made them."""
        self._progress = Progress(self._log, carriers)
        if self._gauges is not None:
            self._gauges.watch_lags(self._progress.lags)

    @property
    @abc.abstractmethod
    def leads(self) -> bool:
        """Return whether this worker runs the timed jobs for all workers now."""

    @abc.abstractmethod
    def start(self) -> None:
        """Start every step and the timers."""

    @abc.abstractmethod
    def stop(self, timeout: float = 10.0) -> bool:
        """Stop polling, finish or abandon the current batches, and return whether all ended in time.

        A batch that is being retried is abandoned; it is delivered again at the next start.
        """

    def wait_idle(self, timeout: float) -> bool:
        """Wait until every group has finished all records of its topics; see `Progress.wait_idle`.

        Raises:
            NotReady: the engine cannot be reached for what is left to be done.
        """
        if not self._progress.wait_idle(timeout):
            return False
        for job in self._before_idle:
            job()
        return True

    def before_idle(self, job: Callable[[], object]) -> None:
        """Add a job that is done each time before `wait_idle` returns."""
        self._before_idle.append(job)

    def health(self) -> list[RunnerHealth]:
        """Return the state of every runner."""
        return self._progress.health()

    def _progressed(self) -> None:
        self._progress.moved()
