"""A thread that polls one topic for one step and commits the finished records, on either log."""

from __future__ import annotations

import abc
import contextlib
import datetime as dt
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import structlog

from events.log import Consumer, EventLog, Record
from services.consuming.causes import cause_of
from services.consuming.delivery import Abandoned, Backoff, Batch, Delivery, RunnerStatus
from services.consuming.gauges import StreamGauges
from services.consuming.step import MAX_RECORDS, StreamStep

POLL_SECONDS = 1.0
MOST_AHEAD = 2
"""Batches behind the one that the step has: one that is read, one that is polled."""

_log = structlog.get_logger("streams")


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """Options shared by all runners of a process; `progressed` is called after each batch."""

    clock: Callable[[], dt.datetime]
    backoff: Backoff
    gauges: StreamGauges | None
    refused_in_a_row: int
    progressed: Callable[[], None]


class StepRunner(abc.ABC):
    """One step on one topic, however it gets its records."""

    def __init__(self, log: EventLog, step: StreamStep, topic: str, options: RunnerOptions) -> None:
        self.group = step.group
        self.topic = topic
        self.status = RunnerStatus()
        self._options = options
        self._max_records = int(getattr(step, "max_records", MAX_RECORDS))
        self._stopping = threading.Event()
        self._delivery = Delivery(
            log,
            step,
            topic,
            status=self.status,
            clock=options.clock,
            pause=self._stopping.wait,
            backoff=options.backoff,
            gauges=options.gauges,
            refused_in_a_row=options.refused_in_a_row,
        )

    def stop(self) -> None:
        """Finish the current batch, or abandon it between two attempts; start no other."""
        self._stopping.set()

    @abc.abstractmethod
    def rejoin(self) -> None:
        """Request a rebalance of the group."""

    def _note_batch(self, count: int, seconds: float) -> None:
        self.status.last_batch_at = self._options.clock()
        self.status.batch_seconds = seconds
        if self._options.gauges is not None:
            self._options.gauges.finished(self.group, self.topic, records=count, seconds=seconds)
        self._options.progressed()


class ThreadRunner(StepRunner):
    """Passes the records of one topic to one step, in order, until stopped.

    After a full batch the next one is decoded, and the one behind it is polled, while the step processes the first: the
    engine and the bulk decoder work outside the interpreter's lock. At most two batches are ahead, and none of them is
    committed before its turn: if the batch before them is not finished, they are dropped and polled again.
    """

    def __init__(self, log: EventLog, step: StreamStep, topic: str, options: RunnerOptions) -> None:
        super().__init__(log, step, topic, options)
        self._log = log
        self._consumer: Consumer | None = None
        self._thread: threading.Thread | None = None
        self._ahead: deque[Future[Batch]] = deque()
        self._hands: tuple[ThreadPoolExecutor, ThreadPoolExecutor] | None = None

    def start(self) -> None:
        """Start the thread."""
        self._stopping.clear()
        self._delivery.reset()
        self.status.state = "running"
        self._thread = threading.Thread(target=self._run, name=f"{self.group}:{self.topic}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the current batch, or abandon it between two attempts; start no other."""
        super().stop()
        consumer = self._consumer
        if consumer is not None:
            consumer.wake()

    def rejoin(self) -> None:
        """Request a rebalance of the group."""
        if self._consumer is not None:
            self._consumer.rejoin()

    def join(self, timeout: float) -> bool:
        """Wait for the thread; return whether it has ended."""
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        attempt = 0
        try:
            while not self._stopping.is_set() and self._delivery.stop_reason is None:
                try:
                    self._carry_one_batch()
                    attempt = 0
                except Abandoned:
                    break
                except Exception as error:  # noqa: BLE001 -- shown in health and logged; a lane never dies of a fault
                    # The log failed, or the step raised an unforeseen error: nothing was committed, so rewind.
                    self.status.failed(error)
                    _log.warning("lane will try again", group=self.group, topic=self.topic, **cause_of(error))
                    self._go_back()
                    self._stopping.wait(self._options.backoff.seconds(attempt))
                    attempt += 1
        finally:
            self._leave()

    def _carry_one_batch(self) -> None:
        if self._consumer is None:
            self._consumer = self._log.open_consumer(self.group, [self.topic])
        consumer = self._consumer
        batch = self._next_batch(consumer)
        if batch.records and not consumer.holds(batch.records):
            self._go_back()  # some partitions have another owner; the rest is polled again
        elif batch.records:
            started = time.monotonic()
            finished = self._delivery.carry(batch)
            if finished:
                self._delivery.persist(lambda: consumer.commit(finished))
                self._note_batch(len(finished), time.monotonic() - started)
        if self.status.state == "retrying":
            self.status.state = "running"
        self.status.last_error = self._delivery.stop_reason

    def _next_batch(self, consumer: Consumer) -> Batch:
        """Return the batch that was read ahead, or wait for one; read ahead after a full batch."""
        if self._ahead:
            batch = self._ahead.popleft().result()
        else:
            batch = self._delivery.read(consumer.poll(self._max_records, POLL_SECONDS))
        if len(batch.records) >= self._max_records:
            self._go_ahead(consumer)
        return batch

    def _go_ahead(self, consumer: Consumer) -> None:
        """Let one thread poll and another decode, each one batch ahead."""
        if self._hands is None:
            name = f"{self.group}:{self.topic}"
            self._hands = ThreadPoolExecutor(1, f"{name}:poll"), ThreadPoolExecutor(1, f"{name}:read")
        poller, reader = self._hands
        while len(self._ahead) < MOST_AHEAD:
            polled = poller.submit(consumer.poll, self._max_records, 0.0)
            self._ahead.append(reader.submit(self._read_polled, polled))

    def _read_polled(self, polled: Future[Sequence[Record]]) -> Batch:
        return self._delivery.read(polled.result())

    def _go_back(self) -> None:
        """Drop the batches that were read ahead, and poll from the committed positions again."""
        self._end_reading_ahead()
        if self._consumer is None:
            return
        try:
            self._consumer.rewind()
        except Exception as error:  # noqa: BLE001 -- the log is away: joining anew goes back as well
            _log.warning("lane joins its group anew", group=self.group, topic=self.topic, **cause_of(error))
            self._drop_consumer()

    def _drop_consumer(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            # A log that does not answer finds out by itself that this member has left.
            with contextlib.suppress(Exception):
                consumer.close()

    def _end_reading_ahead(self) -> None:
        wait(self._ahead)
        self._ahead.clear()

    def _leave(self) -> None:
        self._end_reading_ahead()
        for hand in self._hands or ():
            hand.shutdown()
        self._hands = None
        self._drop_consumer()
        self.status.state = "stopped"
        self._options.progressed()
