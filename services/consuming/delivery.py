"""Process polled batches: decode, set aside, pass to the step, retry passing errors in place."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import structlog

from events.errors import ContractError
from events.log import EventLog, Record
from events.runs import values_of
from services.consuming.causes import cause_of
from services.consuming.gauges import StreamGauges
from services.consuming.set_aside import RefusedRecord, set_aside
from services.consuming.step import Delivered, Read, Reading, StreamStep, read_events, reading

REFUSED_IN_A_ROW = 1_000
"""As many unreadable records in a row mean a wrong release or a wrong producer: stop."""

_log = structlog.get_logger("streams")
_random = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses between attempts, in seconds: growing, capped, and randomised so that runners do not retry in step."""

    first: float = 0.2
    factor: float = 2.0
    most: float = 30.0

    def seconds(self, attempt: int) -> float:
        """Return the pause after the failed attempt of this number, counted from 0."""
        whole = min(self.most, self.first * self.factor ** min(attempt, 60))
        return whole * _random.uniform(0.5, 1.0)


@dataclass(slots=True)
class RunnerStatus:
    """State of one runner; written by its thread only."""

    state: Literal["running", "retrying", "stopped"] = "stopped"
    last_error: str | None = None
    last_batch_at: dt.datetime | None = None
    batch_seconds: float | None = None
    dead_letter_count: int = 0
    retry_count: int = 0

    def failed(self, error: BaseException) -> None:
        """Record a failed attempt, which will be retried."""
        self.state = "retrying"
        self.last_error = f"{type(error).__name__}: {error}"
        self.retry_count += 1


class Abandoned(Exception):
    """The runner is to stop before its batch is finished; none of the batch was committed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Polled records, and their reading."""

    records: Sequence[Record]
    read: Reading


class Delivery:
    """Passes the batches of one topic to one step.

    Args:
        pause: waits this many seconds, and returns True when the runner is to stop.
    """

    def __init__(
        self,
        log: EventLog,
        step: StreamStep,
        topic: str,
        *,
        status: RunnerStatus,
        clock: Callable[[], dt.datetime],
        pause: Callable[[float], bool],
        backoff: Backoff,
        gauges: StreamGauges | None = None,
        refused_in_a_row: int = REFUSED_IN_A_ROW,
    ) -> None:
        self._log = log
        self._step = step
        self._topic = topic
        self._status = status
        self._clock = clock
        self._pause = pause
        self._backoff = backoff
        self._gauges = gauges
        self._limit = refused_in_a_row
        self._read: Read = getattr(step, "read", read_events)
        self._unreadable = 0
        self.stop_reason: str | None = None

    def reset(self) -> None:
        """Reset the counters, when the runner starts again."""
        self._unreadable = 0
        self.stop_reason = None

    def read(self, records: Sequence[Record]) -> Batch:
        """Decode records as the step reads them; may run while another batch is being processed."""
        return Batch(records, reading(self._read, values_of(records)))

    def carry(self, batch: Batch) -> Sequence[Record]:
        """Return the records that are finished and may be committed.

        They are fewer than given only when too many in a row were refused; `stop_reason` is then set.

        Raises:
            Abandoned: the runner was stopped between two attempts.
        """
        good, refused, count = self._sort_out(batch)
        if refused and self._step.sets_aside:
            self._set_aside(refused)
        elif refused:
            _log.warning(
                "unreadable records left to the group that sets them aside",
                group=self._step.group,
                topic=self._topic,
                count=len(refused),
                first=refused[0].error.message,
            )
        if good:
            self.persist(partial(self._step.handle, good))
        if self.stop_reason is not None:
            _log.critical("lane stopped", group=self._step.group, topic=self._topic, reason=self.stop_reason)
        return batch.records[:count]

    def persist(self, act: Callable[[], None]) -> None:
        """Retry a function until it succeeds.

        Raises:
            Abandoned: the runner was stopped between two attempts.
        """
        attempt = 0
        while True:
            try:
                act()
            except Exception as error:
                self._status.failed(error)
                pause = self._backoff.seconds(attempt)
                _log.warning(
                    "batch will be repeated",
                    group=self._step.group,
                    topic=self._topic,
                    attempt=attempt + 1,
                    pause_seconds=round(pause, 2),
                    **cause_of(error),
                )
                if self._gauges is not None:
                    self._gauges.retried(self._step.group, self._topic)
                if self._pause(pause):
                    raise Abandoned from error
                attempt += 1
            else:
                self._status.state = "running"
                return

    def _sort_out(self, batch: Batch) -> tuple[Sequence[Delivered], list[RefusedRecord], int]:
        """Return the events, the refused records, and how many records were looked at."""
        refused: list[RefusedRecord] = []
        looked_at = 0
        for at, error in sorted(batch.read.errors.items()):
            if at > looked_at:
                self._unreadable = 0
            looked_at = at + 1
            refused.append(RefusedRecord(batch.records[at], error))
            self._unreadable += 1
            if self._unreadable >= self._limit:
                self._stop(error)
                return batch.read.delivered(batch.records[:looked_at]), refused, looked_at
        if len(batch.records) > looked_at:
            self._unreadable = 0
        return batch.read.delivered(batch.records), refused, len(batch.records)

    def _set_aside(self, refused: Sequence[RefusedRecord]) -> None:
        seen_at = self._clock()
        self.persist(lambda: set_aside(self._log, refused, group=self._step.group, seen_at=seen_at))
        self._status.dead_letter_count += len(refused)
        for one in refused:
            _log.error(
                "record set aside",
                group=self._step.group,
                topic=self._topic,
                partition=one.record.position.partition,
                offset=one.record.position.offset,
                reason=one.error.slug,
                message=one.error.message,
            )
            if self._gauges is not None:
                self._gauges.set_aside(self._step.group, self._topic, one.error.slug)

    def _stop(self, error: ContractError) -> None:
        self.stop_reason = (
            f"{self._limit} records in a row cannot be read; the last one: {error.slug}: {error.message}"
        )
