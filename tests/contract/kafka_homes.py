"""Homes of logs on the session's Kafka broker: each test has topics and groups of its own, by a prefix."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Sequence
from contextlib import closing, nullcontext

from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, TopicPartition

from events.log import EventLog
from services.log.kafka import KafkaLog
from services.log.kafka_cluster import KafkaCluster
from services.log.kafka_topics import create_topics

_NUMBERS = itertools.count(1)


def fresh_cluster(servers: str) -> KafkaCluster:
    """Return a cluster whose topics are new and empty."""
    cluster = KafkaCluster(servers, prefix=f"t{os.getpid()}-{next(_NUMBERS)}-", replication=1)
    create_topics(cluster)
    return cluster


def send_as_a_stranger(
    cluster: KafkaCluster, topic: str, values: Sequence[bytes], *, in_transactions: bool = False
) -> None:
    """Write to partition 0 as a program that is none of ours would: no key, a header without value, any size."""
    asyncio.run(_send(cluster, cluster.topic(topic), values, in_transactions=in_transactions))


async def _send(cluster: KafkaCluster, topic: str, values: Sequence[bytes], *, in_transactions: bool) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=cluster.servers,
        max_request_size=3_000_000,
        transactional_id=f"{topic}-stranger" if in_transactions else None,
    )
    await producer.start()
    try:
        for value in values:
            async with producer.transaction() if in_transactions else nullcontext():
                await producer.send_and_wait(topic, value, partition=0, headers=[("empty", None)])
    finally:
        await producer.stop()


class KafkaHome:
    """Open logs on topics of their own; close what is left open at the end of the test."""

    def __init__(self, servers: str) -> None:
        self.cluster = fresh_cluster(servers)
        self._opened: list[KafkaLog] = []

    def open(self) -> KafkaLog:
        self._opened.append(KafkaLog(self.cluster))
        return self._opened[-1]

    def reopen_after_death(self, log: EventLog) -> KafkaLog:
        # Closing commits nothing, so it stands for a death here; real deaths are in tests/chaos.
        log.close()
        return self.open()

    def trim(self, topic: str, before: int) -> None:
        with closing(self.cluster.connect(KafkaAdminClient)) as admin:
            admin.delete_records({TopicPartition(self.cluster.topic(topic), 0): before})

    def close(self) -> None:
        for log in self._opened:
            log.close()
