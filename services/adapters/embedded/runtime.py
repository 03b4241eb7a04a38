"""The embedded runtime: drives stream steps in threads of this process, and the timers beside them."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from events.errors import LogError
from events.log import EventLog
from services.adapters.embedded.timers import Timer, Timers
from services.streams.delivery import REFUSED_IN_A_ROW, Backoff
from services.streams.gauges import StreamGauges
from services.streams.lane import Lane
from services.streams.step import Step

_LOOK_SECONDS = 0.5
"""How often `wait_idle` looks without being told that a lane has moved on."""


@dataclass(frozen=True, slots=True)
class LaneHealth:
    """How one lane is doing; `lag` is None when the log cannot tell.

    Attributes:
        state: running, retrying (a passing fault; `last_error` names it) or stopped.
        batch_seconds: how long the last batch took, from poll to commit.
    """

    group: str
    topic: str
    state: str
    last_error: str | None
    lag: int | None
    last_batch_at: dt.datetime | None
    batch_seconds: float | None
    dead_letter_count: int
    retry_count: int


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
        self._log = log
        self._moved = threading.Condition()
        self._timers = Timers(clock)
        self._lanes = [
            Lane(
                log,
                step,
                topic,
                clock=clock,
                backoff=backoff or Backoff(),
                gauges=gauges,
                refused_in_a_row=refused_in_a_row,
                progressed=self._progressed,
            )
            for step in steps
            for topic in step.topics
        ]
        if gauges is not None:
            gauges.watch_lags(self._lags)

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
        parts: list[Timers | Lane] = [self._timers, *self._lanes]
        ended = [part.join(max(0.0, deadline - time.monotonic())) for part in parts]
        return all(ended)

    def wait_idle(self, timeout: float) -> bool:
        """Wait until every group has finished everything in its topics, follow-ups included.

        Returns:
            False when the time ran out or a lane stopped while it was behind.

        Raises:
            LogUnavailable: the log cannot be asked, for it was closed.
        """
        deadline = time.monotonic() + timeout
        with self._moved:
            while not self._idle():
                remaining = deadline - time.monotonic()
                if remaining <= 0 or self._stuck():
                    return False
                self._moved.wait(min(remaining, _LOOK_SECONDS))
        return True

    def health(self) -> list[LaneHealth]:
        """Return the state of every lane."""
        lags = self._lags()
        return [
            LaneHealth(
                group=lane.group,
                topic=lane.topic,
                state=lane.status.state,
                last_error=lane.status.last_error,
                lag=lags.get((lane.group, lane.topic)),
                last_batch_at=lane.status.last_batch_at,
                batch_seconds=lane.status.batch_seconds,
                dead_letter_count=lane.status.dead_letter_count,
                retry_count=lane.status.retry_count,
            )
            for lane in self._lanes
        ]

    def timers(self) -> list[Timer]:
        """Return every timer with its last outcome."""
        return self._timers.states()

    def _lags(self) -> dict[tuple[str, str], int]:
        lags: dict[tuple[str, str], int] = {}
        for lane in self._lanes:
            try:
                lags[lane.group, lane.topic] = lane.lag()
            except LogError:
                continue
        return lags

    def _idle(self) -> bool:
        # A step appends its follow-ups before its own batch is committed. So if the ends are the same before and
        # after all groups were seen at them, nothing was on its way from one topic to another in between.
        ends = self._ends()
        for lane in self._lanes:
            if self._log.committed(lane.group, lane.topic) != ends[lane.topic]:
                return False
        return self._ends() == ends

    def _stuck(self) -> bool:
        return any(lane.status.state == "stopped" and lane.lag() for lane in self._lanes)

    def _ends(self) -> dict[str, dict[int, int]]:
        return {topic: self._log.end_positions(topic) for topic in {lane.topic for lane in self._lanes}}

    def _progressed(self) -> None:
        with self._moved:
            self._moved.notify_all()
