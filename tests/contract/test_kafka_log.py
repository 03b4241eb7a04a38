"""The log on Kafka shows the behaviour of every log, and what a cluster adds to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from events.errors import LogUnavailable
from tests.contract.event_log import EventLogBehaviour, numbered, take
from tests.contract.kafka_homes import KafkaHome
from tests.kafka_broker import Broker

pytestmark = pytest.mark.process


@pytest.fixture
def home(kafka: Broker) -> Iterator[KafkaHome]:
    home = KafkaHome(kafka.servers)
    yield home
    home.close()


class TestKafkaLog(EventLogBehaviour):
    """The log on Kafka passes the suite."""


def test_a_group_without_members_can_be_let_start_over(home: KafkaHome) -> None:
    log = home.open()
    log.append("issues", numbered(20))
    consumer = log.open_consumer("decide", ["issues"])
    assert len(take(consumer, 20, commit=True)) == 20
    with pytest.raises(LogUnavailable, match="stop its workers first"):
        log.forget_positions("decide", "issues")
    consumer.close()
    log.forget_positions("decide", "issues")
    assert set(log.committed("decide", "issues").values()) == {0}
    log.forget_positions("nobody", "issues")


def test_the_log_tells_its_epoch_and_where_a_catch_up_stays_silent(home: KafkaHome) -> None:
    log = home.open()
    assert (log.epoch, log.quiet_before) == (1, {})
    assert log.raise_epoch(3) == 3
    log.keep_quiet_before({0: 7, 5: 2})
    again = home.reopen_after_death(log)
    assert (again.epoch, again.quiet_before) == (3, {0: 7, 5: 2})
    assert again.raise_epoch(2) == 3
