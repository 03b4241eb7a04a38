"""Topics of an installation in a Kafka cluster: create the missing ones, report wrong settings."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource

from events.topics import DEAD_LETTER_TOPICS, TOPICS, Topic
from services.log.kafka import EPOCHS
from services.log.kafka_cluster import KafkaCluster
from services.log.kafka_publisher import transient_errors
from services.log.kafka_reader import ANSWER_MS

_BATCH_LIMIT = "max.message.bytes"
_APPLIED_SECONDS = 5.0
NEEDED_RIGHTS = frozenset({"DESCRIBE", "READ", "WRITE"})


def broker_version(cluster: KafkaCluster) -> str:
    """Return the version of Kafka on the brokers.

    Raises:
        LogUnavailable: the cluster does not answer.
    """
    with transient_errors(), closing(_admin(cluster)) as admin:
        return ".".join(map(str, admin._manager.broker_version))  # noqa: SLF001 -- the client has no public access to it


def every_topic() -> tuple[Topic, ...]:
    """Return the topics of the table, and the topic of the log's own records."""
    return (*TOPICS.values(), EPOCHS)


def settings_of(topic: Topic, cluster: KafkaCluster) -> dict[str, str]:
    """Return the settings of a topic: kept for ever, never compacted, and written to enough copies."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "min.insync.replicas": str(cluster.min_in_sync),
        _BATCH_LIMIT: str(topic.max_batch_bytes),
        "message.timestamp.type": "LogAppendTime",
        "compression.type": "producer",
        "unclean.leader.election.enable": "false",
    }


def create_topics(cluster: KafkaCluster) -> list[str]:
    """Create the missing topics and return their names; existing ones stay unchanged.

    One exception: a dead-letter topic of an earlier release with a smaller size limit than its topic gets that limit.

    Raises:
        LogUnavailable: the cluster does not answer or does not allow it; the error names which.
    """
    with transient_errors(), closing(_admin(cluster)) as admin:
        there = set(admin.list_topics())
        missing = [topic for topic in every_topic() if cluster.topic(topic.name) not in there]
        if missing:
            admin.create_topics(
                {
                    cluster.topic(topic.name): {
                        "num_partitions": topic.partitions,
                        "replication_factor": cluster.replication,
                        "configs": settings_of(topic, cluster),
                    }
                    for topic in missing
                },
                wait_for_metadata=True,
            )
        _widen_dead_letters(admin, cluster, there)
    return [topic.name for topic in missing]


def _widen_dead_letters(admin: KafkaAdminClient, cluster: KafkaCluster, there: set[str]) -> None:
    """Raise the limit and wait until the cluster shows it; a refusal is reported by `check_topics`."""
    limits = {cluster.topic(topic.name): topic.max_batch_bytes for topic in DEAD_LETTER_TOPICS}
    present = [name for name in limits if name in there]
    narrow = _narrow(admin, present, limits)
    if narrow:
        resources = [ConfigResource("TOPIC", name, {_BATCH_LIMIT: str(limits[name])}) for name in narrow]
        admin.alter_configs(resources)
    deadline = time.monotonic() + _APPLIED_SECONDS
    while narrow and time.monotonic() < deadline:
        time.sleep(0.1)
        narrow = _narrow(admin, narrow, limits)


def _narrow(admin: KafkaAdminClient, names: list[str], limits: dict[str, int]) -> list[str]:
    found = _settings(admin, names)
    return [name for name in names if int(found[name].get(_BATCH_LIMIT, 0)) < limits[name]]


def check_topics(cluster: KafkaCluster) -> list[str]:
    """Return the wrong settings of topics, one sentence each; empty when all is well.

    Raises:
        LogUnavailable: the cluster does not answer or does not allow it; the error names which.
    """
    with transient_errors(), closing(_admin(cluster)) as admin:
        there = set(admin.list_topics())
        names = {cluster.topic(topic.name): topic for topic in every_topic()}
        found = {each["name"]: each for each in admin.describe_topics([n for n in names if n in there])}
        settings = _settings(admin, list(found))
    errors = []
    if missing := [name for name in names if name not in found]:
        errors.append(
            f"Kafka has no topic {', '.join(missing)}, or does not show it to {cluster.user or 'this client'}: "
            "`liencap migrate` makes what is missing"
        )
    for name, described in found.items():
        topic = names[name]
        errors += _errors_of(name, topic, described, cluster)
        errors += [
            f"topic {name} has {setting}={settings[name].get(setting)}, and it must be {value}"
            for setting, value in settings_of(topic, cluster).items()
            if settings[name].get(setting) != value
        ]
    return errors


def _errors_of(name: str, topic: Topic, described: dict[str, Any], cluster: KafkaCluster) -> list[str]:
    errors, partitions = [], described["partitions"]
    if lacking := NEEDED_RIGHTS - set(described.get("authorized_operations") or NEEDED_RIGHTS):
        errors.append(
            f"topic {name}: {cluster.user or 'this client'} lacks {', '.join(sorted(lacking))}; see the rights in docs/running-distributed.md"
        )
    if len(partitions) != topic.partitions:
        errors.append(
            f"topic {name} has {len(partitions)} partitions and must have {topic.partitions}; the count never changes: "
            "make a new cluster or a new prefix, and replay into it"
        )
    copies = min((len(each["replica_nodes"]) for each in partitions), default=0)
    if copies < cluster.replication:
        errors.append(
            f"topic {name} has {copies} copies, and LIENCAP_KAFKA_REPLICATION asks for {cluster.replication}"
        )
    short = [each["partition_index"] for each in partitions if len(each["isr_nodes"]) < cluster.min_in_sync]
    if short:
        errors.append(f"topic {name}: partitions {short} have fewer copies in sync than a write needs")
    return errors


def _settings(admin: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    resources = [ConfigResource("TOPIC", name, configs=None) for name in names]
    found = admin.describe_configs(resources, config_filter="all")["topic"]
    return {name: {key: str(each["value"]) for key, each in found[name].items()} for name in names}


def _admin(cluster: KafkaCluster) -> KafkaAdminClient:
    return cluster.connect(KafkaAdminClient, request_timeout_ms=2 * ANSWER_MS, bootstrap_timeout_ms=ANSWER_MS)
