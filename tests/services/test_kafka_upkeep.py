"""An operator's work on a cluster: topics are created and checked by the table, rights needed, errors named."""

from __future__ import annotations

import dataclasses
import gc
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ResourcePattern,
    ResourceType,
)

from events.errors import LogUnavailable
from events.log import Message, Position
from events.topics import TOPICS
from services.errors import SetupError
from services.log.kafka import EPOCHS, KafkaLog
from services.log.kafka_cluster import KafkaCluster
from services.log.kafka_topics import broker_version, check_topics, create_topics
from tests.contract.event_log import take
from tests.contract.kafka_homes import fresh_cluster
from tests.journeys.installation import eventually
from tests.kafka_broker import VERSION, Broker, missing

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def _collect() -> Iterator[None]:
    """kafka-python leaves the sockets of failed attempts to the collector: let it find them here, without a word."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


USERS = {"admin": "admin-word", "liencap": "liencap-word", "guest": "guest-word"}


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Run a broker that asks for SCRAM over TLS and checks rights."""
    if reason := missing():
        pytest.skip(reason)
    broker = Broker(tmp_path_factory.mktemp("secured"), users=USERS, short_lived=True).start()
    yield broker
    broker.stop()


def cluster_as(broker: Broker, user: str, *, password: str | None = None, prefix: str = "") -> KafkaCluster:
    return KafkaCluster(
        broker.secured_servers,
        prefix=prefix,
        security="SASL_SSL",
        user=user,
        password=password or USERS[user],
        ca=broker.certificate,
        replication=1,
    )


def grant(broker: Broker, user: str, prefix: str, *operations: ACLOperation) -> None:
    """Give a user rights on the topics and groups of an installation, as docs/running-distributed.md says."""
    kinds = (ResourceType.TOPIC, ResourceType.GROUP)
    acls = [
        ACL(
            f"User:{user}",
            "*",
            operation,
            ACLPermissionType.ALLOW,
            ResourcePattern(kind, prefix, ACLResourcePatternType.PREFIXED),
        )
        for kind in kinds
        for operation in operations
        if kind is ResourceType.TOPIC or operation is not ACLOperation.WRITE
    ]
    with closing(KafkaAdminClient(bootstrap_servers=broker.servers)) as admin:
        admin.create_acls(acls)


def granted(log: KafkaLog) -> list[Position] | None:
    """Write once the broker has heard of the rights; the controller grants them a moment before."""
    try:
        return log.append("issues", [Message("a", b"x")])
    except LogUnavailable:
        return None


def test_topics_are_made_once_with_partitions_copies_and_retention_of_the_table(kafka: Broker) -> None:
    cluster = KafkaCluster(kafka.servers, prefix="upkeep-", replication=1)
    assert create_topics(cluster) == [*TOPICS, EPOCHS.name]
    assert create_topics(cluster) == []
    assert check_topics(cluster) == []
    assert broker_version(cluster).split(".")[:2] == VERSION.split(".")[:2]


def test_dead_letters_that_take_less_than_their_topic_are_named_and_widened(kafka: Broker) -> None:
    cluster = fresh_cluster(kafka.servers)
    name, topic = cluster.topic("issues-dlq"), TOPICS["issues-dlq"]
    with closing(cluster.connect(KafkaAdminClient)) as admin:
        admin.alter_configs([ConfigResource("TOPIC", name, {"max.message.bytes": "1048588"})])
    [fault] = eventually(lambda: check_topics(cluster))
    assert fault == f"topic {name} has max.message.bytes=1048588, and it must be {topic.max_batch_bytes}"
    assert create_topics(cluster) == []
    assert check_topics(cluster) == []


@pytest.mark.slow
def test_a_topic_that_would_forget_or_is_missing_or_has_another_count_is_named(kafka: Broker) -> None:
    cluster = fresh_cluster(kafka.servers)
    with closing(KafkaAdminClient(bootstrap_servers=kafka.servers)) as admin:
        admin.alter_configs([ConfigResource("TOPIC", cluster.topic("cases"), {"retention.ms": "604800000"})])
        admin.create_partitions({cluster.topic("issues"): 9})
        admin.delete_topics([cluster.topic("sources")])
    said = (
        f"{cluster.topic('cases')} has retention.ms=604800000, and it must be -1",
        f"{cluster.topic('issues')} has 9 partitions and must have 8",
        f"Kafka has no topic {cluster.topic('sources')}, or",
    )

    def all_is_said() -> bool:
        found = "\n".join(check_topics(cluster))
        return all(sentence in found for sentence in said)

    # The controller has decided; what brokers tell follows within moments, one thing after the other.
    eventually(all_is_said)
    asked_for_more = check_topics(dataclasses.replace(cluster, replication=3))
    assert any("has 1 copies" in fault for fault in asked_for_more)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_a_passing_fault_in_words_and_leaves_nothing_behind() -> None:
    nobody = KafkaCluster("127.0.0.1:1", replication=1)
    threads = threading.active_count()
    with pytest.raises(LogUnavailable, match=r"no Kafka broker answers at 127\.0\.0\.1:1: is one up there"):
        check_topics(nobody)
    with closing(KafkaLog(nobody)) as log:
        with pytest.raises(LogUnavailable):
            log.append("issues", [Message("a", b"x")])
        with pytest.raises(LogUnavailable):
            log.end_positions("issues")
        with pytest.raises(LogUnavailable):
            log.open_consumer("decide", ["issues"])
    assert threading.active_count() == threads


def test_sasl_without_a_user_is_refused_before_anything_is_tried() -> None:
    with pytest.raises(SetupError, match="LIENCAP_KAFKA_USER"):
        KafkaCluster("127.0.0.1:9092", security="SASL_SSL")


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    cluster = KafkaCluster("127.0.0.1:9092", security="SSL", ca=tmp_path / "none.pem")
    with pytest.raises(SetupError, match=r"none\.pem"):
        cluster.async_options()


@pytest.mark.slow
def test_the_log_works_with_scram_over_tls_and_the_rights_that_the_docs_name(secured: Broker) -> None:
    prefix = "office-"
    create_topics(cluster_as(secured, "admin", prefix=prefix))
    grant(secured, "liencap", prefix, ACLOperation.READ, ACLOperation.WRITE, ACLOperation.DESCRIBE)
    cluster = cluster_as(secured, "liencap", prefix=prefix)
    with closing(KafkaLog(cluster)) as log:
        (position,) = eventually(lambda: granted(log))
        assert log.read("issues", position.partition, position.offset, 1)[0].value == b"x"
        consumer = log.open_consumer("decide", ["issues"])
        assert len(take(consumer, 1, commit=True)) == 1
        assert log.committed("decide", "issues") == log.end_positions("issues")
        assert log.epoch == 1


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
def test_who_has_no_rights_neither_reads_nor_writes(secured: Broker) -> None:
    create_topics(cluster_as(secured, "admin", prefix="closed-"))
    with closing(KafkaLog(cluster_as(secured, "guest", prefix="closed-"))) as log:
        with pytest.raises(LogUnavailable, match=r"[Aa]uthoriz|UnknownTopic|timed out|[Tt]imeout"):
            log.append("issues", [Message("a", b"x")])
        with pytest.raises(LogUnavailable):
            log.end_positions("issues")
    with closing(KafkaLog(cluster_as(secured, "admin", prefix="closed-"))) as log:
        assert set(log.end_positions("issues").values()) == {0}


@pytest.mark.slow
def test_who_may_read_but_not_write_is_told_so_by_the_check(secured: Broker) -> None:
    create_topics(cluster_as(secured, "admin", prefix="half-"))
    grant(secured, "guest", "half-", ACLOperation.READ, ACLOperation.DESCRIBE, ACLOperation.DESCRIBE_CONFIGS)
    guest = cluster_as(secured, "guest", prefix="half-")
    assert eventually(lambda: any("guest lacks WRITE" in fault for fault in check_topics(guest)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_wrong_password_is_a_fault_in_words(secured: Broker) -> None:
    wrong = cluster_as(secured, "admin", password="not-the-word")
    with closing(KafkaLog(wrong)) as log, pytest.raises(LogUnavailable):
        log.append("issues", [Message("a", b"x")])
