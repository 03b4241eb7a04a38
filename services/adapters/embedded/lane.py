"""One thread of the embedded runtime: polls one topic for one step, and commits what the step has finished."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

import structlog

from events.log import Consumer, EventLog
from services.streams.delivery import Abandoned, Backoff, Delivery, LaneStatus
from services.streams.gauges import StreamGauges
from services.streams.step import MAX_RECORDS, Step

POLL_SECONDS = 1.0

_log = structlog.get_logger("streams")


class Lane:
    """Carry the records of one topic through one step, in order, until told to stop."""

    def __init__(
        self,
        log: EventLog,
        step: Step,
        topic: str,
        *,
        clock: Callable[[], dt.datetime],
        backoff: Backoff,
        gauges: StreamGauges | None,
        refused_in_a_row: int,
        progressed: Callable[[], None],
    ) -> None:
        self.group = step.group
        self.topic = topic
        self.status = LaneStatus()
        self._log = log
        self._clock = clock
        self._backoff = backoff
        self._gauges = gauges
        self._progressed = progressed
        self._max_records = int(getattr(step, "max_records", MAX_RECORDS))
        self._stopping = threading.Event()
        self._consumer: Consumer | None = None
        self._thread: threading.Thread | None = None
        self._delivery = Delivery(
            log,
            step,
            topic,
            status=self.status,
            clock=clock,
            pause=self._stopping.wait,
            backoff=backoff,
            gauges=gauges,
            refused_in_a_row=refused_in_a_row,
        )

    def start(self) -> None:
        """Start the thread."""
        self._stopping.clear()
        self._delivery.reset()
        self.status.state = "running"
        self._thread = threading.Thread(target=self._run, name=f"{self.group}:{self.topic}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the batch in hand finish, or be abandoned between two attempts; begin no other."""
        self._stopping.set()
        consumer = self._consumer
        if consumer is not None:
            consumer.wake()

    def join(self, timeout: float) -> bool:
        """Wait for the thread; tell whether it has ended."""
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def lag(self) -> int:
        """Count the records that are appended and not finished."""
        ends = self._log.end_positions(self.topic)
        done = self._log.committed(self.group, self.topic)
        return sum(max(0, end - done.get(partition, 0)) for partition, end in ends.items())

    def _run(self) -> None:
        attempt = 0
        try:
            while not self._stopping.is_set() and self._delivery.stop_reason is None:
                try:
                    self._carry_one_batch()
                    attempt = 0
                except Abandoned:
                    break
                except Exception as fault:  # noqa: BLE001 -- shown in health and logged; a lane never dies of a fault
                    # The log itself failed, or the step in a way it should not: nothing was committed, so go back.
                    self.status.failed(fault)
                    _log.warning("lane will try again", group=self.group, topic=self.topic, exc_info=fault)
                    if self._consumer is not None:
                        self._consumer.rewind()
                    self._stopping.wait(self._backoff.seconds(attempt))
                    attempt += 1
        finally:
            self._leave()

    def _carry_one_batch(self) -> None:
        if self._consumer is None:
            self._consumer = self._log.open_consumer(self.group, [self.topic])
        consumer = self._consumer
        records = consumer.poll(self._max_records, POLL_SECONDS)
        if records:
            started = time.monotonic()
            finished = self._delivery.carry(records)
            if finished:
                self._delivery.persist(lambda: consumer.commit(finished))
                self._note_batch(len(finished), time.monotonic() - started)
        if self.status.state == "retrying":
            self.status.state = "running"
        self.status.last_error = self._delivery.stop_reason

    def _note_batch(self, count: int, seconds: float) -> None:
        self.status.last_batch_at = self._clock()
        self.status.batch_seconds = seconds
        if self._gauges is not None:
            self._gauges.finished(self.group, self.topic, records=count, seconds=seconds)
        self._progressed()

    def _leave(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None
        self.status.state = "stopped"
        self._progressed()
