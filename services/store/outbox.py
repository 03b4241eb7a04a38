"""The outbox: events written in the transaction of their state, published to the log in order, at least once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Row, and_, bindparam, delete, func, select, update

from events.codec import encode
from events.envelope import Envelope
from events.errors import EventTooLarge, UnknownTopic
from events.log import EventLog, Message, Position
from events.topics import MAX_EVENT_BYTES, topic_of
from services.errors import NotReady
from services.store.row_writer import Values, insert_rows
from services.store.store import OUTBOX, Store, mark_enqueued

BATCH = 1_000
POLL_SECONDS = 5.0
STANDBY_SECONDS = 1.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 15.0
_WAITING = and_(OUTBOX.c.published_at.is_(None), OUTBOX.c.failed_reason.is_(None))


@dataclass(frozen=True, slots=True)
class Enqueued:
    """An event for the outbox; case events may go to the topic for history."""

    event: Envelope
    backfill: bool = False


@dataclass(frozen=True, slots=True)
class OutboxStats:
    """How many rows wait, since when, and how many were set aside."""

    depth: int
    oldest_at: dt.datetime | None
    set_aside_count: int


def enqueue(conn: Connection, event: Envelope, *, backfill: bool = False) -> None:
    """Add one event to the outbox, in the transaction of the state that it changes."""
    enqueue_all(conn, [Enqueued(event, backfill)])


def enqueue_all(conn: Connection, waiting: Iterable[Enqueued]) -> None:
    """Add events to the outbox in their order."""
    add_rows(conn, [outbox_row(each) for each in waiting])


def outbox_row(waiting: Enqueued) -> Values:
    """Return an event as a row of the outbox; needs no store."""
    event = waiting.event
    return {
        "event_id": event.id,
        "topic": topic_of(event.type, backfill=waiting.backfill).name,
        "key": event.partition_key,
        "value": encode(event),
        "created_at": event.recorded_at,
    }


def add_rows(conn: Connection, rows: Sequence[Values]) -> None:
    """Add rows that `outbox_row` made, in their order."""
    if rows:
        insert_rows(conn, OUTBOX, rows)
        mark_enqueued(conn)


def outbox_stats(store: Store) -> OutboxStats:
    """Return the statistics of the outbox, for metrics and heartbeats."""
    with store.read() as conn:
        depth, oldest_at = conn.execute(
            select(func.count(), func.min(OUTBOX.c.created_at)).where(_WAITING)
        ).one()
        aside = conn.scalar(select(func.count()).where(OUTBOX.c.failed_reason.is_not(None)))
    return OutboxStats(depth, oldest_at, aside or 0)


def published_up_to(conn: Connection, topic: str, epoch: int) -> dict[int, int]:
    """Return, for each partition of a topic, the last offset in that log which this store knows it wrote."""
    query = (
        select(OUTBOX.c.partition, func.max(OUTBOX.c.log_offset))
        .where(OUTBOX.c.topic == topic, OUTBOX.c.epoch == epoch, OUTBOX.c.partition.is_not(None))
        .group_by(OUTBOX.c.partition)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def prune(store: Store, before: dt.datetime) -> int:
    """Delete rows published before an instant, except the last of each partition; return how many.

    A restored store reads the log again from those last rows on.
    """
    last = (
        select(
            func.max(OUTBOX.c.log_offset).label("log_offset"),
            OUTBOX.c.topic,
            OUTBOX.c.partition,
            OUTBOX.c.epoch,
        )
        .where(OUTBOX.c.partition.is_not(None))
        .group_by(OUTBOX.c.topic, OUTBOX.c.partition, OUTBOX.c.epoch)
        .subquery()
    )
    kept = select(OUTBOX.c.id).join(
        last,
        and_(
            last.c.topic == OUTBOX.c.topic,
            last.c.partition == OUTBOX.c.partition,
            last.c.epoch == OUTBOX.c.epoch,
            last.c.log_offset == OUTBOX.c.log_offset,
        ),
    )
    with store.begin() as conn:
        done = conn.execute(delete(OUTBOX).where(OUTBOX.c.published_at < before, OUTBOX.c.id.not_in(kept)))
    return done.rowcount


class Relay:
    """Publishes a store's outbox; one relay per store works at a time, others stand by.

    Rows are published in recording order, one unacknowledged batch at a time. A row is marked only after the log has
    it: a crash in between publishes it twice, which every reader must tolerate. A row that the log can never take is
    set aside with its reason, and the rest goes on. Before each batch the relay checks that it still holds the lock.

    Args:
        before_first: called before anything is published, and again until it succeeds once.
    """

    def __init__(
        self,
        store: Store,
        log: EventLog,
        *,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        poll_seconds: float = POLL_SECONDS,
        before_first: Callable[[], None] | None = None,
    ) -> None:
        self._store = store
        self._before_first = before_first
        self._log = log
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._lock = store.lock("relay")
        self._publishing = threading.RLock()
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._before_held: OutboxStats | None = None

    def prepare(self) -> None:
        """Call `before_first`, unless it has succeeded already.

        Raises:
            LogUnavailable: the log does not answer; the call is retried before the first batch.
        """
        if self._before_first is not None:
            self._before_first()
            self._before_first = None

    def start(self) -> None:
        """Start publishing in a thread."""
        if self._thread is not None:
            return
        self._stopping.clear()
        self._store.listen(self._awake.set)
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Finish the current batch and stop; the remaining rows wait in the store."""
        thread = self._thread
        if thread is None:
            return
        self._stopping.set()
        self._awake.set()
        thread.join(timeout)
        self._store.stop_listening(self._awake.set)
        self._thread = None

    @property
    def alive(self) -> bool:
        """Return whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Publish nothing inside the block: what is recorded in it leaves together, so that the streams take it as one batch."""
        with self._publishing:
            outermost = self._before_held is None
            if outermost:
                self._before_held = outbox_stats(self._store)
            try:
                yield
            finally:
                if outermost:
                    self._before_held = None

    def waiting(self) -> OutboxStats:
        """Return the statistics of the outbox, without what is held on purpose: it waits for nothing but its block's end."""
        return self._before_held or outbox_stats(self._store)

    def publish_all(self) -> int:
        """Publish all waiting rows in the caller's thread; return how many left the outbox.

        While another relay of this store works, none leave.

        Raises:
            LogUnavailable: the log does not answer; unacknowledged rows still wait.
            NotReady: the store does not answer, or the lock was lost meanwhile.
        """
        with self._publishing:
            held = self._lock.held
            if not self._lock.try_acquire():
                return 0
            try:
                self.prepare()
                total = 0
                while taken := self._publish_batch():
                    total += taken
                return total
            finally:
                if not held:
                    self._lock.release()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        try:
            while not self._stopping.is_set():
                self._awake.clear()
                try:
                    if not self._lock.try_acquire():
                        self._stopping.wait(min(self._poll_seconds, STANDBY_SECONDS))
                        continue
                    self.publish_all()
                except Exception as error:  # noqa: BLE001 -- whatever fails, the rows wait and the relay tries again
                    structlog.get_logger().warning("relay.waits", reason=str(error), seconds=pause)
                    self._stopping.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
                    continue
                pause = FIRST_PAUSE
                self._awake.wait(self._poll_seconds)
        finally:
            self._lock.release()

    def _publish_batch(self) -> int:
        with self._store.read() as conn:
            rows = conn.execute(
                select(OUTBOX.c.id, OUTBOX.c.topic, OUTBOX.c.key, OUTBOX.c.value)
                .where(_WAITING)
                .order_by(OUTBOX.c.id)
                .limit(BATCH)
            ).all()
        by_topic: dict[str, list[Row[int, str, str, bytes]]] = {}
        for row in rows:
            by_topic.setdefault(row.topic, []).append(row)
        for topic, group in by_topic.items():
            self._publish(topic, group)
        return len(rows)

    def _publish(self, topic: str, rows: Sequence[Row[int, str, str, bytes]]) -> None:
        large = [row for row in rows if len(row.value) > MAX_EVENT_BYTES]
        for row in large:
            self._set_aside(row.id, f"{len(row.value)} bytes, and the log takes {MAX_EVENT_BYTES}")
        fitting = [row for row in rows if len(row.value) <= MAX_EVENT_BYTES]
        if not fitting:
            return
        if not self._lock.held:
            # The new holder of the lock publishes these rows; published here too, they would be out of order.
            raise NotReady("the relay lost its lock to another; it stands by")
        try:
            positions = self._log.append(topic, [Message(row.key, row.value) for row in fitting])
        except (EventTooLarge, UnknownTopic) as error:
            if len(fitting) == 1:
                self._set_aside(fitting[0].id, str(error))
                return
            # A row in the batch can never be taken: halve the batch until that row stands alone.
            middle = len(fitting) // 2
            self._publish(topic, fitting[:middle])
            self._publish(topic, fitting[middle:])
            return
        self._mark([row.id for row in fitting], positions)

    def _mark(self, ids: Sequence[int], positions: Sequence[Position]) -> None:
        marked = (
            update(OUTBOX)
            .where(OUTBOX.c.id == bindparam("row_id"))
            .values(
                published_at=bindparam("at"),
                epoch=bindparam("log_epoch"),
                partition=bindparam("at_partition"),
                log_offset=bindparam("at_offset"),
            )
        )
        now, epoch = self._clock(), self._log.epoch
        with self._store.begin() as conn:
            conn.execute(
                marked,
                [
                    {
                        "row_id": row_id,
                        "at": now,
                        "log_epoch": epoch,
                        "at_partition": position.partition,
                        "at_offset": position.offset,
                    }
                    for row_id, position in zip(ids, positions, strict=True)
                ],
            )

    def _set_aside(self, row_id: int, reason: str) -> None:
        structlog.get_logger().error("relay.set_aside", row=row_id, reason=reason)
        with self._store.begin() as conn:
            conn.execute(update(OUTBOX).where(OUTBOX.c.id == row_id).values(failed_reason=reason))
