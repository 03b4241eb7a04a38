"""Read Kafka outside any group: end offsets, records by position, committed positions of groups."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import GroupIdNotFoundError, KafkaError, NoError, UnknownTopicOrPartitionError

from events.errors import LogUnavailable
from events.log import Position, Record
from services.log.kafka_cluster import KafkaCluster
from services.log.kafka_owners import owned_in
from services.log.kafka_publisher import transient_errors

ANSWER_MS = 5_000
READ_SECONDS = 20.0
COORDINATOR_SECONDS = 15.0
"""Time for a new cluster to create its topic of group positions, at the first request for a group."""
RETRY_SECONDS = 0.3
_EPOCH_START = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Reader:
    """Reads by position with one consumer that belongs to no group; safe to use from several threads, in turns."""

    def __init__(self, cluster: KafkaCluster) -> None:
        self._cluster = cluster
        self._turn = threading.Lock()
        self._consumer: KafkaConsumer | None = None
        self._admin: KafkaAdminClient | None = None
        self._closed = False

    def ends(self, topic: str, partitions: int) -> dict[int, int]:
        """Return, for each partition, the offset that the next record will get."""
        with self._asking() as consumer:
            self._must_know(consumer, topic)
            lanes = [self._lane(topic, number) for number in range(partitions)]
            found = consumer.end_offsets(lanes, timeout_ms=ANSWER_MS)
        return {lane.partition: int(end) for lane, end in found.items()}

    def firsts(self, topic: str, partitions: int) -> dict[int, int]:
        """Return, for each partition, the offset of the first record that is still held."""
        with self._asking() as consumer:
            self._must_know(consumer, topic)
            lanes = [self._lane(topic, number) for number in range(partitions)]
            found = consumer.beginning_offsets(lanes, timeout_ms=ANSWER_MS)
        return {lane.partition: int(first) for lane, first in found.items()}

    def committed(self, group: str, topic: str, partitions: int) -> dict[int, int]:
        """Return, for each partition, the offset of the group's next unfinished record."""
        lanes = [self._lane(topic, number) for number in range(partitions)]
        name = self._cluster.group(group)
        found = self._administer(lambda admin: admin.list_group_offsets({name: lanes}).get(name, {}))
        known = {lane.partition: int(each.offset) for lane, each in found.items()}
        return {number: max(0, known.get(number, 0)) for number in range(partitions)}

    def owned(self, group: str) -> dict[str, frozenset[int]] | None:
        """Return the owned partitions of each topic in the group; None during a rebalance."""
        name = self._cluster.group(group)

        def ask(admin: KafkaAdminClient) -> dict[str, frozenset[int]] | None:
            return owned_in(self._cluster, group, admin.describe_groups([name])[name])

        owned: dict[str, frozenset[int]] | None = self._administer(ask)
        return owned

    def forget(self, group: str, topic: str, partitions: int) -> None:
        """Delete a group's positions on a topic, so that it reads from the beginning; it must have no member."""
        lanes = [self._lane(topic, number) for number in range(partitions)]
        done = self._administer(lambda admin: _forget(admin, self._cluster.group(group), lanes))
        refused = {
            str(lane): str(error)
            for lane, error in (done or {}).items()
            if error is not None and not _is_forgotten(error)
        }
        if refused:
            raise LogUnavailable(f"group {group} cannot start over, stop its workers first: {refused}")

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Record]:
        """Return up to `limit` records of a partition from offset `start` on."""
        lane = self._lane(topic, partition)
        with self._asking() as consumer:
            end = int(consumer.end_offsets([lane], timeout_ms=ANSWER_MS)[lane])
            wanted = min(limit, end - start)
            if wanted <= 0:
                return []
            if consumer.assignment() != {lane}:
                consumer.assign([lane])
            consumer.seek(lane, start)
            found: list[Any] = []
            deadline = time.monotonic() + READ_SECONDS
            while len(found) < wanted and time.monotonic() < deadline:
                polled = consumer.poll(timeout_ms=500, max_records=wanted - len(found))
                found += polled.get(lane, ())
                if consumer.position(lane) >= end:
                    break  # markers of a producer's transaction have offsets and are no records
            reached = int(consumer.position(lane))
            first = start
            if not found or found[0].offset != start:
                first = int(consumer.beginning_offsets([lane], timeout_ms=ANSWER_MS)[lane])
        if first > start:
            raise LogUnavailable(f"{topic}/{partition} holds nothing between {start} and {first}: deleted")
        if not found and reached < end:
            raise LogUnavailable(
                f"Kafka gave nothing of {topic}/{partition} from {start} on, although it ends at {end}"
            )
        return [record_of(topic, each) for each in found]

    def close(self) -> None:
        """Close the connections."""
        with self._turn:
            self._closed = True
            self._give_up()

    def _lane(self, topic: str, partition: int) -> TopicPartition:
        return TopicPartition(self._cluster.topic(topic), partition)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[KafkaConsumer]:
        with self._turn, transient_errors():
            self._must_be_open()
            if self._consumer is None:
                self._consumer = self._cluster.connect(
                    KafkaConsumer,
                    group_id=None,
                    enable_auto_commit=False,
                    auto_offset_reset="none",
                    allow_auto_create_topics=False,
                    request_timeout_ms=ANSWER_MS,
                    bootstrap_timeout_ms=ANSWER_MS,
                )
            try:
                yield self._consumer
            except BaseException:
                self._give_up()
                raise

    def _administer(self, ask: Callable[[KafkaAdminClient], Any]) -> Any:
        """Run an administrative request; retry while the group's coordinator is being found."""
        deadline = time.monotonic() + COORDINATOR_SECONDS
        with self._turn, transient_errors():
            while True:
                self._must_be_open()
                try:
                    return ask(self._connected_admin())
                except KafkaError as error:
                    self._give_up()
                    if not error.retriable or time.monotonic() > deadline:
                        raise
                    time.sleep(RETRY_SECONDS)

    def _connected_admin(self) -> KafkaAdminClient:
        if self._admin is None:
            self._admin = self._cluster.connect(
                KafkaAdminClient, request_timeout_ms=ANSWER_MS, bootstrap_timeout_ms=ANSWER_MS
            )
        return self._admin

    def _must_know(self, consumer: KafkaConsumer, topic: str) -> None:
        """Raise UnknownTopic for a missing topic at once, where the client would retry until the timeout."""
        name = self._cluster.topic(topic)
        if not consumer.partitions_for_topic(name):
            raise LogUnavailable(
                f"Kafka has no topic {name}, or does not show it to {self._cluster.user or 'this client'}: run "
                "`liencap migrate`, or give the rights of docs/running-distributed.md"
            )

    def _must_be_open(self) -> None:
        if self._closed:
            raise LogUnavailable("this event log was closed")

    def _give_up(self) -> None:
        consumer, self._consumer = self._consumer, None
        admin, self._admin = self._admin, None
        for client in (consumer, admin):
            if client is not None:
                client.close()


def record_of(topic: str, found: Any) -> Record:
    """Convert a record of either client to one of the port."""
    return Record(
        Position(topic, found.partition, found.offset),
        "" if found.key is None else found.key.decode(errors="replace"),
        b"" if found.value is None else found.value,
        # A header of a foreign producer may have no value.
        {name: (value or b"").decode(errors="replace") for name, value in found.headers},
        _EPOCH_START + dt.timedelta(milliseconds=found.timestamp),
    )


def _forget(admin: KafkaAdminClient, group: str, lanes: list[TopicPartition]) -> Any:
    try:
        return admin.delete_group_offsets(group, lanes)
    except GroupIdNotFoundError:
        return {}  # the group has no positions


def _is_forgotten(error: Any) -> bool:
    kinds = (NoError, GroupIdNotFoundError, UnknownTopicOrPartitionError)
    return isinstance(error, kinds) or error in kinds
