"""Assign the partitions of a group by the table of topics, whatever the client's metadata hold.

A client's metadata may lack an existing topic: after a failed update, or from a broker that has just restarted. The
assignors of Faust and of aiokafka then leave the topic out, no member gets its partitions, and nothing triggers another
assignment before the metadata expire, minutes later. The number of partitions never changes, so the table of topics is
a safe source for the assignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.assignor.partition_assignor import PartitionAssignor

from events.topics import TOPICS
from services.log.kafka_cluster import KafkaCluster


class KnownTopics:
    """The metadata of a cluster, completed from the table of topics."""

    def __init__(self, metadata: Any, counts: Mapping[str, int]) -> None:
        self._metadata = metadata
        self._counts = counts

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """Return the numbers of a topic's partitions; None for a topic that neither brokers nor table have."""
        reported: set[int] | None = self._metadata.partitions_for_topic(topic)
        known = set(range(self._counts.get(topic, 0)))
        return (reported or set()) | known or None


def partition_counts(cluster: KafkaCluster) -> dict[str, int]:
    """Return the number of partitions of each topic of the table, by its name in this cluster."""
    return {cluster.topic(topic.name): topic.partitions for topic in TOPICS.values()}


def lane_assignor(cluster: KafkaCluster) -> type[RoundRobinPartitionAssignor]:
    """Return the assignor of the groups of bulk runners; its name is compatible with earlier releases."""
    counts = partition_counts(cluster)

    class WholeRoundRobin(RoundRobinPartitionAssignor):  # type: ignore[misc,unused-ignore]
        @classmethod
        def assign(cls, metadata: Any, members: Any) -> Any:
            return super().assign(KnownTopics(metadata, counts), members)

    return WholeRoundRobin


def agent_assignor(cluster: KafkaCluster) -> type[PartitionAssignor]:
    """Return the assignor of the groups of agents; its name is compatible with earlier releases."""
    counts = partition_counts(cluster)

    class WholeSticky(PartitionAssignor):  # type: ignore[misc,unused-ignore]
        def assign(self, metadata: Any, members: Any) -> Any:
            return super().assign(KnownTopics(metadata, counts), members)

    return WholeSticky
