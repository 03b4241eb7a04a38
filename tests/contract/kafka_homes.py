"""Homes of logs on the session's Kafka broker: each test has topics and groups of its own, by a prefix."""

from __future__ import annotations

import itertools
import os
from contextlib import closing

from kafka import KafkaAdminClient, TopicPartition

from events.log import EventLog
from services.adapters.distributed.cluster import Cluster
from services.adapters.distributed.log import KafkaLog
from services.adapters.distributed.topics import create_topics

_NUMBERS = itertools.count(1)


def fresh_cluster(servers: str) -> Cluster:
    """Return a cluster whose topics are new and empty."""
    cluster = Cluster(servers, prefix=f"t{os.getpid()}-{next(_NUMBERS)}-", replication=1)
    create_topics(cluster)
    return cluster


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
