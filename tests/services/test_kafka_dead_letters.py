"""Records of strangers on Kafka that are larger than any event of ours, and a group that was set past some of them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource
from kafka.structs import OffsetAndMetadata

from events.log import Message
from events.topics import ISSUES, MAX_EVENT_BYTES
from services.consuming.dead_letters import listing, skip
from services.consuming.delivery import Backoff, Delivery, RunnerStatus
from services.maintenance.session import Upkeep
from services.streams.land import Land
from services.warehouse.client import Warehouse
from tests.contract.kafka_homes import KafkaHome, send_as_a_stranger
from tests.kafka_broker import Broker

pytestmark = [pytest.mark.process, pytest.mark.warehouse]
NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
LARGE = b"{" + random.Random(3).randbytes(MAX_EVENT_BYTES + 140_000)


@pytest.fixture
def home(kafka: Broker) -> Iterator[KafkaHome]:
    home = KafkaHome(kafka.servers)
    yield home
    home.close()


def send(home: KafkaHome, *values: bytes) -> None:
    send_as_a_stranger(home.cluster, ISSUES.name, values)


def landed(home: KafkaHome, warehouse: Warehouse, count: int) -> RunnerStatus:
    """Let `land` take so many records, as a worker does."""
    log, status = home.open(), RunnerStatus()
    step = Land(warehouse, epoch=log.epoch)
    delivery = Delivery(
        log,
        step,
        ISSUES.name,
        status=status,
        clock=lambda: NOW,
        pause=lambda _seconds: True,
        backoff=Backoff(),
    )
    with closing(log.open_consumer(step.group, [ISSUES.name])) as consumer:
        while sum(log.committed(step.group, ISSUES.name).values()) < count:
            if records := consumer.poll(50, 1.0):
                consumer.commit(delivery.carry(delivery.read(records)))
    return status


def test_a_record_over_the_limit_of_our_events_is_set_aside_whole(
    home: KafkaHome, warehouse: Warehouse
) -> None:
    send(home, LARGE, b"[")
    status = landed(home, warehouse, 2)
    large, small = listing(home.open())
    assert (status.retry_count, large.value, large.whole, small.value) == (0, LARGE, True, b"[")
    assert Upkeep(warehouse, home.open(), alone=True).audit().ok


@pytest.mark.slow
def test_dead_letters_of_an_earlier_release_keep_in_short_what_they_do_not_take(
    home: KafkaHome, warehouse: Warehouse
) -> None:
    with closing(home.cluster.connect(KafkaAdminClient)) as admin:
        narrow = {"max.message.bytes": "500000"}
        admin.alter_configs([ConfigResource("TOPIC", home.cluster.topic(ISSUES.dead_letters), narrow)])
    send(home, b"[", LARGE, b"]")
    status = landed(home, warehouse, 3)
    found = {letter.position.offset: letter for letter in listing(home.open())}
    assert status.retry_count == 0
    assert {at: (one.whole, one.size) for at, one in found.items()} == {
        0: (True, 1),
        1: (False, len(LARGE)),
        2: (True, 1),
    }
    assert Upkeep(warehouse, home.open(), alone=True).audit().ok


@pytest.mark.slow
def test_a_group_that_was_set_past_records_is_in_order_again_when_they_are_given_up(
    home: KafkaHome, warehouse: Warehouse
) -> None:
    send(home, b"[", LARGE, b"]")
    with closing(home.cluster.connect(KafkaAdminClient)) as admin:
        lane = TopicPartition(home.cluster.topic(ISSUES.name), 0)
        for group in ("land", "decide"):
            beyond = {lane: OffsetAndMetadata(3, "", -1)}
            admin.alter_group_offsets(home.cluster.group(group), beyond)
    log = home.open()
    assert log.committed("land", ISSUES.name)[0] == 3
    keeping = Upkeep(warehouse, log, alone=True)
    assert [one.missing_count for one in keeping.audit().partitions] == [3]
    given_up = [f"issues/0/{offset}" for offset in range(3)]
    assert len(skip(log, given_up, "rubbish of a device", by="an operator", clock=lambda: NOW)) == 3
    lines: list[str] = []
    assert keeping.audit().ok
    assert keeping.replay([ISSUES], lines.append), lines
    assert keeping.rebuild(lines.append), lines
    assert len([line for line in lines if line.startswith("given up:")]) == 6
    # What comes behind them lands as ever.
    log.append(ISSUES.name, [Message("k", b"{")])
    assert listing(log) == []
