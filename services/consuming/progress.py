"""The lag of the groups behind the log, and the wait until it is zero; the same for every runtime."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from events.errors import LogError
from events.log import EventLog
from services.consuming.runner import StepRunner
from services.errors import NotReady

LOOK_SECONDS = 0.5
"""Interval in which `wait_idle` checks, also without a notification of a runner."""


@dataclass(frozen=True, slots=True)
class RunnerHealth:
    """State of one runner; `lag` is None when the log does not answer.

    Attributes:
        state: running, retrying (a passing error, see `last_error`), unowned (its partitions have no owner) or stopped.
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


class Drained(Protocol):
    """The part of a runtime that `settle` needs."""

    def wait_idle(self, timeout: float) -> bool:
        """Wait until every record is finished."""
        ...

    def health(self) -> Sequence[RunnerHealth]:
        """Return the state of every worker of a partition."""
        ...


class Progress:
    """Compares the groups' positions with the ends of the log."""

    def __init__(self, log: EventLog, carriers: Sequence[StepRunner]) -> None:
        self._log = log
        self._carriers = carriers
        self._moved = threading.Condition()

    def moved(self) -> None:
        """Wake the waiting threads after a runner has finished a batch or stopped."""
        with self._moved:
            self._moved.notify_all()

    def wait_idle(self, timeout: float) -> bool:
        """Wait until every group has finished all records of its topics, follow-ups included.

        Returns:
            False when the time ran out or a runner stopped while it was behind.

        Raises:
            LogUnavailable: the log does not answer.
        """
        deadline = time.monotonic() + timeout
        with self._moved:
            while not self._idle():
                remaining = deadline - time.monotonic()
                if remaining <= 0 or self._stuck():
                    return False
                self._moved.wait(min(remaining, LOOK_SECONDS))
        return True

    def lags(self) -> dict[tuple[str, str], int]:
        """Return how many records each (group, topic) is behind, as far as the log answers."""
        lags: dict[tuple[str, str], int] = {}
        for carrier in self._carriers:
            try:
                lags[carrier.group, carrier.topic] = self._lag(carrier)
            except LogError:
                break  # each request to an unreachable log takes seconds, and the reader waits
        return lags

    def health(self) -> list[RunnerHealth]:
        """Return the state of every runner."""
        lags = self.lags()
        return [
            RunnerHealth(
                group=carrier.group,
                topic=carrier.topic,
                state=carrier.status.state,
                last_error=carrier.status.last_error,
                lag=lags.get((carrier.group, carrier.topic)),
                last_batch_at=carrier.status.last_batch_at,
                batch_seconds=carrier.status.batch_seconds,
                dead_letter_count=carrier.status.dead_letter_count,
                retry_count=carrier.status.retry_count,
            )
            for carrier in self._carriers
        ]

    def _lag(self, carrier: StepRunner) -> int:
        ends = self._log.end_positions(carrier.topic)
        done = self._log.committed(carrier.group, carrier.topic)
        return sum(max(0, end - done.get(partition, 0)) for partition, end in ends.items())

    def _idle(self) -> bool:
        # A step appends its follow-ups before its own batch is committed. So if the ends are the same before and
        # after all groups were seen at them, nothing was on its way from one topic to another in between.
        ends = self._ends()
        for carrier in self._carriers:
            if self._log.committed(carrier.group, carrier.topic) != ends[carrier.topic]:
                return False
        return self._ends() == ends

    def _stuck(self) -> bool:
        return any(one.status.state == "stopped" and self._lag(one) for one in self._carriers)

    def _ends(self) -> dict[str, dict[int, int]]:
        return {topic: self._log.end_positions(topic) for topic in {one.topic for one in self._carriers}}


def settle(runtime: Drained, seconds: float) -> bool:
    """Return whether everything in the log was processed within the time.

    Raises:
        NotReady: a runner has stopped, so waiting longer is useless; the error names it and its last error.
    """
    if runtime.wait_idle(seconds):
        return True
    stopped = [lane for lane in runtime.health() if lane.state == "stopped"]
    if stopped:
        said = "; ".join(f"{lane.group} on {lane.topic}: {lane.last_error}" for lane in stopped)
        raise NotReady(f"a stream has stopped before everything was done ({said})")
    return False
