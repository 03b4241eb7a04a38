"""Threads over the embedded log, and Faust over Kafka: both pass the suite of the port."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from events.log import EventLog
from services.consuming.in_faust import WorkerRuntime
from services.consuming.in_threads import Runtime
from services.consuming.runtime import StepRuntime
from services.consuming.step import StreamStep
from services.log.kafka import KafkaLog
from services.log.kafka_cluster import KafkaCluster
from services.log.sqlite import SqliteLog
from tests.contract.kafka_homes import fresh_cluster
from tests.contract.streams import NOW, PATIENCE, QUICK, REFUSED_IN_A_ROW, Notes, StreamsBehaviour, numbered
from tests.kafka_broker import Broker


class Threads:
    """Streams in threads over a file."""

    def __init__(self, log: SqliteLog) -> None:
        self.log: EventLog = log

    def run(self, *steps: StreamStep) -> StepRuntime:
        runtime = Runtime(
            self.log, steps, clock=lambda: NOW, backoff=QUICK, refused_in_a_row=REFUSED_IN_A_ROW
        )
        runtime.start()
        return runtime


class Workers:
    """Faust workers over topics of their own."""

    def __init__(self, cluster: KafkaCluster) -> None:
        self.cluster = cluster
        self.log: EventLog = KafkaLog(cluster)

    def run(self, *steps: StreamStep) -> WorkerRuntime:
        runtime = WorkerRuntime(
            self.cluster, self.log, steps, clock=lambda: NOW, backoff=QUICK, refused_in_a_row=REFUSED_IN_A_ROW
        )
        runtime.start()
        return runtime


class TestThreads(StreamsBehaviour):
    """The embedded runtime passes the suite."""

    @pytest.fixture
    def home(self, tmp_path: Path) -> Iterator[Threads]:
        with closing(SqliteLog(tmp_path / "events.db")) as log:
            yield Threads(log)


@pytest.mark.process
class TestWorkers(StreamsBehaviour):
    """The Faust worker passes the suite, for agents and for bulk lanes."""

    @pytest.fixture
    def home(self, kafka: Broker) -> Iterator[Workers]:
        home = Workers(fresh_cluster(kafka.servers))
        with closing(home.log):
            yield home

    def test_two_workers_share_the_partitions_one_leads_and_the_other_takes_over(self, home: Workers) -> None:
        mine, theirs = (Notes("issues"), Notes("issues"))
        for step in (mine, theirs):
            step.group = "decide"
        other = Workers(dataclasses.replace(home.cluster))
        with closing(other.log):
            first, second = home.run(mine), other.run(theirs)
            try:
                home.log.append("issues", numbered(*range(200)))
                assert first.wait_idle(PATIENCE)
                assert mine.counts() + theirs.counts() >= numbers(200)
                assert [first.leads, second.leads].count(True) == 1
                leader, follower = (first, second) if first.leads else (second, first)
                assert leader.stop()
                home.log.append("issues", numbered(*range(200, 240)))
                assert follower.wait_idle(PATIENCE)
                assert follower.leads
                assert mine.counts() + theirs.counts() >= numbers(240)
            finally:
                first.stop()
                second.stop()


def numbers(count: int) -> Counter[int]:
    return Counter(range(count))
