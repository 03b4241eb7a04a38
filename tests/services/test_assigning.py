"""Assignment of partitions: every partition of the table has one owner, whatever metadata the brokers returned."""

from __future__ import annotations

from typing import Any

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.structs import PartitionMetadata
from faust.assignor.partition_assignor import PartitionAssignor
from hypothesis import given
from hypothesis import strategies as st

from events.topics import TRUTH_TOPICS
from services.consuming.agents import build_app
from services.log.kafka_assigning import agent_assignor, lane_assignor
from services.log.kafka_cluster import KafkaCluster

CLUSTER = KafkaCluster("127.0.0.1:9", prefix="office-", replication=1)
TOPICS = {CLUSTER.topic(topic.name): topic.partitions for topic in TRUTH_TOPICS}
AGENTS = agent_assignor(CLUSTER)(build_app(CLUSTER, "decide"), replicas=0)
told_topics = st.sets(st.sampled_from(sorted(TOPICS)))
subscriptions = st.sets(st.sampled_from(sorted(TOPICS)), min_size=1)
member_counts = st.integers(min_value=1, max_value=12)


def metadata_that_know(told: set[str]) -> ClusterMetadata:
    metadata = ClusterMetadata()
    for topic in told:
        metadata._partitions[topic] = {
            number: PartitionMetadata(topic, number, 1, [1], [1], 0) for number in range(TOPICS[topic])
        }
    return metadata


def owners(assigned: dict[str, Any]) -> list[tuple[str, int]]:
    return sorted(
        (topic, number)
        for assignment in assigned.values()
        for topic, numbers in assignment.assignment
        for number in numbers
    )


def everything(topics: set[str]) -> list[tuple[str, int]]:
    return sorted((topic, number) for topic in topics for number in range(TOPICS[topic]))


@given(told_topics, subscriptions, member_counts)
def test_agents_get_every_partition_once_whatever_the_metadata_know(
    told: set[str], subscribed: set[str], members: int
) -> None:
    joined = {f"member-{number}": AGENTS.metadata(subscribed) for number in range(members)}
    assert owners(AGENTS.assign(metadata_that_know(told), joined)) == everything(subscribed)


@given(told_topics, subscriptions, member_counts)
def test_lanes_get_every_partition_once_whatever_the_metadata_know(
    told: set[str], subscribed: set[str], members: int
) -> None:
    assignor = lane_assignor(CLUSTER)
    joined = {f"member-{number}": assignor.metadata(subscribed) for number in range(members)}
    assert owners(assignor.assign(metadata_that_know(told), joined)) == everything(subscribed)


def test_a_topic_that_neither_brokers_nor_table_know_is_left_out_and_keeps_nobody_from_the_others() -> None:
    assignor = lane_assignor(CLUSTER)
    joined = {"member": assignor.metadata({"office-issues", "office-of-a-later-release"})}
    assert owners(assignor.assign(metadata_that_know(set()), joined)) == everything({"office-issues"})


def test_members_of_this_release_go_together_with_those_of_earlier_ones() -> None:
    app = build_app(CLUSTER, "decide")
    assert lane_assignor(CLUSTER).name == RoundRobinPartitionAssignor.name
    assert app.assignor.name == PartitionAssignor(app).name
