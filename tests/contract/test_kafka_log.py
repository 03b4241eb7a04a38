"""The log on Kafka shows the behaviour of every log, and what a cluster adds to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.event_log import EventLogBehaviour
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
