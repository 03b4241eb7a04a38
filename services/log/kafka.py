"""The event log on Kafka: the same port as the embedded log, on a cluster that several processes share."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from events.errors import LogUnavailable
from events.log import Message, Position, Record, must_fit
from events.topics import Topic, partition_for, topic_named
from services.log.kafka_cluster import KafkaCluster
from services.log.kafka_publisher import Publisher
from services.log.kafka_reader import Reader
from services.log.loop_thread import LoopThread

if TYPE_CHECKING:
    from services.log.kafka_consumer import KafkaConsumer

EPOCHS = Topic("log-epochs", 1, "the log itself", ())
"""The log's records about itself: the last one holds the epoch and the offsets below which a catch-up emits nothing."""

# The hash is pure Python, and keys repeat (communes, issues in work), so partitions are cached.
_placed = lru_cache(maxsize=65_536)(partition_for)


class KafkaLog:
    """Appends with an idempotent producer and reads with aiokafka; connects at the first call.

    Raises:
        SetupError: the settings of the cluster are invalid.
    """

    def __init__(self, cluster: KafkaCluster) -> None:
        self._cluster = cluster
        self._publisher = Publisher(cluster)
        self._reader = Reader(cluster)
        self._loop = LoopThread()
        self._consumers: weakref.WeakSet[KafkaConsumer] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._header: _Header | None = None
        self._closed = False

    @property
    def epoch(self) -> int:
        """Return the number of this log; a new cluster starts at 1.

        Raises:
            LogUnavailable: the cluster does not answer, and the number is not cached.
        """
        return self._latest_header().epoch

    @property
    def quiet_before(self) -> Mapping[int, int]:
        """Return partition → offset of `issues` below which no follow-up is emitted again after a loss of the engine."""
        return self._latest_header().quiet_before

    def raise_epoch(self, at_least: int) -> int:
        """Raise the number of a restored or replaced log above those in rows of an earlier log."""
        self._say(max(self.epoch, at_least), self.quiet_before)
        return self.epoch

    def keep_quiet_before(self, quiet_before: Mapping[int, int]) -> None:
        """Store for every worker and every start the offsets below which a catch-up emits nothing."""
        self._say(self.epoch, quiet_before)

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        """Append messages in order and return their positions in the same order.

        Raises:
            UnknownTopic: the topic is not in the topic table.
            EventTooLarge: a message is over the limit (nothing was appended), or over that of the broker.
            LogUnavailable: a passing error; the first messages of each partition may have been written.
        """
        named = topic_named(topic)
        must_fit(named, messages)
        placed = [(_placed(message.key, named.partitions), message) for message in messages]
        offsets = self._publisher.publish(self._cluster.topic(topic), placed)
        return [
            Position(topic, partition, offset) for (partition, _), offset in zip(placed, offsets, strict=True)
        ]

    def open_consumer(self, group: str, topics: Sequence[str]) -> KafkaConsumer:
        """Join a group; its live members, in whatever process, share the partitions of these topics.

        Raises:
            UnknownTopic: one of the topics is not in the topic table.
            LogUnavailable: the cluster does not answer, or the log is closed.
        """
        from services.log.kafka_consumer import KafkaConsumer  # noqa: PLC0415 -- heavy, and only workers need it

        names = tuple(topic_named(name).name for name in topics)
        with self._lock:
            if self._closed:
                raise LogUnavailable("this event log was closed")
            consumer = KafkaConsumer(self._cluster, self._loop, group, names)
            self._consumers.add(consumer)
        return consumer

    def first_positions(self, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the first record that is still held."""
        return self._reader.firsts(topic, topic_named(topic).partitions)

    def end_positions(self, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset that the next record will get."""
        return self._reader.ends(topic, topic_named(topic).partitions)

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Return, for each partition, the offset of the group's next unfinished record."""
        return self._reader.committed(group, topic, topic_named(topic).partitions)

    def owned(self, group: str) -> Mapping[str, frozenset[int]] | None:
        """Return the owned partitions of each topic in the group; None during a rebalance."""
        return self._reader.owned(group)

    def forget_positions(self, group: str, topic: str) -> None:
        """Delete a group's positions on a topic, so that it reads from the beginning; it must have no member."""
        self._reader.forget(group, topic, topic_named(topic).partitions)

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Record]:
        """Return up to `limit` records from offset `start` on."""
        return self._reader.read(topic_named(topic).name, partition, start, limit)

    def close(self) -> None:
        """Close the consumers and the connections; closing twice is harmless."""
        with self._lock:
            self._closed = True
        for consumer in list(self._consumers):
            consumer.close()
        self._publisher.close()
        self._reader.close()
        self._loop.stop()

    def _latest_header(self) -> _Header:
        with self._lock:
            if self._header is None:
                self._header = self._read_header()
            return self._header

    def _read_header(self) -> _Header:
        end = self._reader.ends(EPOCHS.name, 1)[0]
        if end == 0:
            return _Header(1, {})
        return _Header.of(self._reader.read(EPOCHS.name, 0, end - 1, 1)[0].value)

    def _say(self, epoch: int, quiet_before: Mapping[int, int]) -> None:
        header = _Header(epoch, dict(quiet_before))
        self._publisher.publish(self._cluster.topic(EPOCHS.name), [(0, Message("epoch", header.to_bytes()))])
        with self._lock:
            self._header = header


class _Header:
    """The log's own record about itself: epoch and quiet offsets."""

    def __init__(self, epoch: int, quiet_before: Mapping[int, int]) -> None:
        self.epoch = epoch
        self.quiet_before = quiet_before

    @staticmethod
    def of(value: bytes) -> _Header:
        fields = orjson.loads(value)
        return _Header(int(fields["epoch"]), {int(p): int(o) for p, o in fields["quiet_before"].items()})

    def to_bytes(self) -> bytes:
        quiet = {str(partition): offset for partition, offset in self.quiet_before.items()}
        return orjson.dumps({"epoch": self.epoch, "quiet_before": quiet})
