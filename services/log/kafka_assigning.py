"""Share out the partitions of a group by the table of topics, whatever the brokers have told by then.

A client's metadata may lack a topic that is there: after an update that failed, or from a broker that is only just back.
The assignors of Faust and of aiokafka then leave the topic out, every member is left without its partitions, and nothing
asks for another assignment before the metadata grow old, minutes later. But the number of partitions never changes, so
the table knows what there is to share out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.assignor.partition_assignor import PartitionAssignor

from events.topics import TOPICS
from services.log.kafka_cluster import KafkaCluster


class KnownTopics:
    """The metadata of a cluster, filled up from the table of topics."""

    def __init__(self, metadata: Any, counts: Mapping[str, int]) -> None:
        self._metadata = metadata
        self._counts = counts

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """Return the numbers of a topic's partitions; None for a topic that neither brokers nor table know."""
        told: set[int] | None = self._metadata.partitions_for_topic(topic)
        known = set(range(self._counts.get(topic, 0)))
        return (told or set()) | known or None


def partition_counts(cluster: KafkaCluster) -> dict[str, int]:
    """Return how many partitions each topic of the table has, by its name in this cluster."""
    return {cluster.topic(topic.name): topic.partitions for topic in TOPICS.values()}


def lane_assignor(cluster: KafkaCluster) -> type[RoundRobinPartitionAssignor]:
    """Return the assignor of the groups of bulk lanes; by its name it goes together with those of earlier releases."""
    counts = partition_counts(cluster)

    class WholeRoundRobin(RoundRobinPartitionAssignor):  # type: ignore[misc,unused-ignore]
        @classmethod
        def assign(cls, metadata: Any, members: Any) -> Any:
            return super().assign(KnownTopics(metadata, counts), members)

    return WholeRoundRobin


def agent_assignor(cluster: KafkaCluster) -> type[PartitionAssignor]:
    """Return the assignor of the groups of agents; by its name it goes together with those of earlier releases."""
    counts = partition_counts(cluster)

    class WholeSticky(PartitionAssignor):  # type: ignore[misc,unused-ignore]
        def assign(self, metadata: Any, members: Any) -> Any:
            return super().assign(KnownTopics(metadata, counts), members)

    return WholeSticky
