"""Run small recurring jobs in one thread: the watch, heartbeats, pruning."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

_log = structlog.get_logger("timers")


@dataclass(slots=True)
class Timer:
    """One job, its interval in seconds, and its last outcome."""

    name: str
    seconds: float
    job: Callable[[], object]
    due: float
    last_run_at: dt.datetime | None = None
    last_error: str | None = None


class Timers:
    """Runs each job once at the start and then at its interval.

    Jobs run one after another, so none overlaps with itself or another; a late run is not made up for.
    """

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._stopping = False
        self._timers: list[Timer] = []
        self._thread: threading.Thread | None = None

    def every(self, seconds: float, job: Callable[[], object], name: str) -> None:
        """Add a job, before or after `start`."""
        with self._changed:
            self._timers.append(Timer(name, seconds, job, due=time.monotonic()))
            self._changed.notify()

    def start(self) -> None:
        """Start the thread."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Start no further job."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def join(self, timeout: float) -> bool:
        """Wait for the thread; return whether it has ended."""
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def states(self) -> list[Timer]:
        """Return every job with its last outcome."""
        with self._changed:
            return list(self._timers)

    def _run(self) -> None:
        while (timer := self._next_due()) is not None:
            try:
                timer.job()
                timer.last_error = None
            except Exception as error:  # noqa: BLE001 -- one job's fault must not end the others
                timer.last_error = f"{type(error).__name__}: {error}"
                _log.exception("timer failed", timer=timer.name)
            timer.last_run_at = self._clock()
            timer.due = max(timer.due + timer.seconds, time.monotonic())

    def _next_due(self) -> Timer | None:
        """Wait for the job that is due first; return None when stopping."""
        with self._changed:
            while not self._stopping:
                first = min(self._timers, key=lambda timer: timer.due, default=None)
                remaining = None if first is None else first.due - time.monotonic()
                if first is not None and remaining is not None and remaining <= 0:
                    return first
                self._changed.wait(remaining)
        return None
