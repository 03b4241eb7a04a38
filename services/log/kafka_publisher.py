"""Write messages to Kafka so that no acknowledged message lies behind an unacknowledged one."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from events.errors import EventTooLarge, LogUnavailable
from events.log import Message
from events.topics import LARGEST_BATCH_BYTES
from services.log.kafka_cluster import KafkaCluster

BATCH_BYTES = 1_000_000
"""Size of a batch: the largest event fits, within the topic's limit. A larger dead letter is a batch of its own."""
WAVE_BYTES = 800_000
"""Bytes of a wave per partition: less than a batch, so that a wave is one batch there, whole or not at all."""
WAVE_MESSAGES = 2_000
RECORD_OVERHEAD = 100
LINGER_MS = 3_000
"""Longer than a wave takes to buffer, so that only `flush` sends."""
REQUEST_MS = 5_000
DELIVERY_MS = 9_000
BLOCK_MS = 5_000

Placed = tuple[int, Message]
"""A partition, and a message for it."""


@contextlib.contextmanager
def transient_errors() -> Iterator[None]:
    """Translate the client's errors into those of the port.

    Raises:
        EventTooLarge: the broker refuses an event of this size.
        LogUnavailable: any other error of the cluster or the connection.
    """
    try:
        yield
    except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
        raise EventTooLarge(f"the broker takes no event of this size: {error}") from error
    except (KafkaError, OSError) as error:
        raise LogUnavailable(f"Kafka: {error}") from error


class Publisher:
    """Publishes with one idempotent producer; safe to use from several threads, which take turns.

    Messages are sent in waves: at most one batch per partition is in flight, and the next wave waits for the whole wave
    before it. When a wave fails, no later message was sent: each partition holds the first messages of the call, in
    order. The producer is closed after its first error, because an idempotent producer accepts nothing after a fatal
    error; the next call creates another.
    """

    def __init__(self, cluster: KafkaCluster) -> None:
        self._cluster = cluster
        self._turn = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._closed = False

    def publish(self, topic: str, placed: Sequence[Placed]) -> list[int]:
        """Write messages durably and return their offsets, in the order given.

        Raises:
            EventTooLarge: the broker refuses an event of this size; other partitions may have been written.
            LogUnavailable: a passing error; the first messages of each partition may have been written.
        """
        waiting: dict[int, deque[tuple[int, Message]]] = {}
        for number, (partition, message) in enumerate(placed):
            waiting.setdefault(partition, deque()).append((number, message))
        offsets = [0] * len(placed)
        with self._turn, transient_errors():
            try:
                while waiting:
                    self._send_wave(topic, waiting, offsets)
            except BaseException:
                self._give_up()
                raise
        return offsets

    def close(self) -> None:
        """Close the connections; unacknowledged messages were never reported as written."""
        with self._turn:
            self._closed = True
            self._give_up()

    def _send_wave(
        self, topic: str, waiting: dict[int, deque[tuple[int, Message]]], offsets: list[int]
    ) -> None:
        producer = self._open()
        sent: list[tuple[int, Any]] = []
        share = max(1, WAVE_MESSAGES // len(waiting))
        for partition in list(waiting):
            queue, size, count = waiting[partition], 0, 0
            while queue and count < share:
                number, message = queue[0]
                size += len(message.value) + len(message.key) + RECORD_OVERHEAD
                size += sum(len(name) + len(value) for name, value in message.headers.items())
                if count and size > WAVE_BYTES:
                    break
                queue.popleft()
                sent.append((number, self._hand_over(producer, topic, partition, message)))
                count += 1
            if not queue:
                del waiting[partition]
        producer.flush(timeout=DELIVERY_MS / 1_000 + 1)
        for number, future in sent:
            offsets[number] = future.get(timeout=0).offset

    @staticmethod
    def _hand_over(producer: KafkaProducer, topic: str, partition: int, message: Message) -> Any:
        return producer.send(
            topic,
            value=message.value,
            key=message.key.encode(),
            headers=[(name, value.encode()) for name, value in message.headers.items()],
            partition=partition,
        )

    def _open(self) -> KafkaProducer:
        if self._closed:
            raise LogUnavailable("this event log was closed")
        if self._producer is None:
            self._producer = self._cluster.connect(
                KafkaProducer,
                acks="all",
                enable_idempotence=True,
                compression_type="lz4",
                batch_size=BATCH_BYTES,
                max_request_size=LARGEST_BATCH_BYTES,
                linger_ms=LINGER_MS,
                request_timeout_ms=REQUEST_MS,
                delivery_timeout_ms=DELIVERY_MS,
                max_block_ms=BLOCK_MS,
                bootstrap_timeout_ms=BLOCK_MS,
                allow_auto_create_topics=False,
            )
        return self._producer

    def _give_up(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            # Messages still buffered were reported as not written; the caller will send them again.
            producer.close(timeout=0)
