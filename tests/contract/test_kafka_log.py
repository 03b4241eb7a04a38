"""The log on Kafka shows the behaviour of every log, and what a cluster adds to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from events.errors import LogUnavailable
from tests.contract.event_log import EventLogBehaviour, numbered, take
from tests.contract.kafka_homes import KafkaHome, send_as_a_stranger
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


def test_what_strangers_write_is_read_as_it_is(home: KafkaHome) -> None:
    """A transaction leaves marks that have positions; a record may lack its key, and a header its value."""
    log = home.open()
    send_as_a_stranger(home.cluster, "sources", [b"1", b"2"], in_transactions=True)
    ends = log.end_positions("sources")
    assert ends[0] == 4
    seen = log.read("sources", 0, 0, 10)
    assert [(r.position.offset, r.key, r.value, dict(r.headers)) for r in seen] == [
        (0, "", b"1", {"empty": ""}),
        (2, "", b"2", {"empty": ""}),
    ]
    assert [r.position.offset for r in log.read("sources", 0, 1, 10)] == [2]
    assert log.read("sources", 0, 3, 10) == []
    consumer = log.open_consumer("land", ["sources"])
    assert [r.value for r in take(consumer, 2)] == [b"1", b"2"]


def test_what_was_deleted_is_not_passed_over(home: KafkaHome) -> None:
    log = home.open()
    log.append("issues-dlq", numbered(5))
    home.trim("issues-dlq", 3)
    with pytest.raises(LogUnavailable):
        log.read("issues-dlq", 0, 0, 10)
    assert len(log.read("issues-dlq", 0, 3, 10)) == 2
