"""Owners of partitions in a consumer group, from the description by its coordinator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kafka.errors import CoordinatorNotAvailableError, GroupIdNotFoundError

from services.log.kafka_cluster import KafkaCluster

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARING_OUT = frozenset({"PreparingRebalance", "CompletingRebalance"})


def owned_in(
    cluster: KafkaCluster, group: str, described: Mapping[str, Any]
) -> dict[str, frozenset[int]] | None:
    """Return the owned partitions of each topic, by its name in the table; None during a rebalance.

    Raises:
        CoordinatorNotAvailableError: try another broker, or the same one later.
    """
    # The client returns errors as a string.
    if error := described["error"]:
        if GroupIdNotFoundError.__name__ in error:
            return {}  # the group never had a member
        raise CoordinatorNotAvailableError(f"it is not told who is in group {group}: {error}")
    if described["group_state"] in SHARING_OUT:
        return None
    owned: dict[str, frozenset[int]] = {}
    for member in described["members"]:
        for name, partitions in _assigned(member):
            topic = name.removeprefix(cluster.prefix)
            owned[topic] = owned.get(topic, frozenset()) | frozenset(partitions)
    return owned


def _assigned(member: Mapping[str, Any]) -> list[tuple[str, list[int]]]:
    found = member["member_assignment"]
    if not found:
        return []  # the member has joined and was assigned nothing
    return [(each["topic"], each["partitions"]) for each in found["assigned_partitions"]]
