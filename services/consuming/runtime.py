"""What drives the steps, and the jobs by time beside them, whatever carries the records."""

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
    """How steps are driven; what is left out has a default.

    Attributes:
        clock: tells the instants that dead letters and health carry.
        backoff: the pauses between attempts at a batch.
        gauges: where the metrics go, if anywhere.
        refused_in_a_row: after so many refused records in a row a lane stops.
    """

    clock: Callable[[], dt.datetime]
    backoff: Backoff
    gauges: StreamGauges | None
    refused_in_a_row: int


class StepRuntime(abc.ABC):
    """Run every step on every one of its topics.

    Attributes:
        timers: the jobs that run by time while the steps are driven.
    """

    _progress: Progress

    def __init__(self, log: EventLog, **driving: Unpack[Driving]) -> None:
        clock = driving.get("clock", _now)
        self.timers = Timers(clock)
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
        """Follow how far these are; every runtime calls it once, when it has made them."""
        self._progress = Progress(self._log, carriers)
        if self._gauges is not None:
            self._gauges.watch_lags(self._progress.lags)

    @property
    @abc.abstractmethod
    def leads(self) -> bool:
        """Tell whether what one worker does for all is this one's to do now."""

    @abc.abstractmethod
    def start(self) -> None:
        """Start every step, and the timers."""

    @abc.abstractmethod
    def stop(self, timeout: float = 10.0) -> bool:
        """Take no more batches, finish or abandon those in hand, and tell whether all ended in time.

        A batch that is repeating after a fault is abandoned; it comes again at the next start.
        """

    def wait_idle(self, timeout: float) -> bool:
        """Wait until every group has finished everything in its topics; see `Progress.wait_idle`."""
        return self._progress.wait_idle(timeout)

    def health(self) -> list[RunnerHealth]:
        """Return the state of every lane."""
        return self._progress.health()

    def _progressed(self) -> None:
        self._progress.moved()
