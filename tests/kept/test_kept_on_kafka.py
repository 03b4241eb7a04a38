"""The kept installation with its log on Kafka, its store in PostgreSQL and a ClickHouse server: it comes to the same."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from events.log import EventLog, Message, Position
from events.topics import TOPICS
from services.boot.catch_up import CatchUp
from services.boot.open import open_log, service, worker
from services.boot.prepare import bring_in_line, make_topics
from services.boot.steps import FoldedTables
from services.boot.system import Worker
from services.consuming.progress import settle
from services.log.kafka import KafkaLog
from services.log.sqlite import SqliteLog
from services.settings import Settings
from services.web.shell.parts import Parts
from tests.clickhouse_front.process import FrontProcess
from tests.kafka_broker import Broker
from tests.kept.dump import restore_store
from tests.kept.expect import SETTLE_SECONDS, differences, expected
from tests.kept.folder import DUMP, FIRST, LOG, TABLES, Kept
from tests.kept.state import Place, State
from tests.postgres import PostgresCluster

pytestmark = [pytest.mark.process, pytest.mark.warehouse, pytest.mark.slow]


def publish(kept: EventLog, log: EventLog) -> None:
    """Append every record of a log to an empty one; each comes to lie where it lay."""
    for topic in TOPICS:
        for partition, end in kept.end_positions(topic).items():
            records = kept.read(topic, partition, 0, end) if end else []
            placed = log.append(topic, [Message(one.key, one.value, one.headers) for one in records])
            assert placed == [Position(topic, partition, offset) for offset in range(end)]


def caught_up(running: Worker, parts: Parts, log: KafkaLog) -> State:
    """Wait until the worker has folded everything and said what was still owed, and read what it came to."""
    parts.relay.publish_all()
    assert settle(running.runtime, SETTLE_SECONDS), running.runtime.health()
    rows = FoldedTables.of(running.warehouse, epoch=log.epoch)
    CatchUp(log, rows.issues, rows.problems, parts.tables).look()
    assert settle(running.runtime, SETTLE_SECONDS), running.runtime.health()
    return Place(running.warehouse, log, parts.store).state()


def test_the_same_log_on_kafka_with_the_store_in_postgresql_comes_to_the_same(
    kafka: Broker, postgres: PostgresCluster, front: FrontProcess, tmp_path: Path
) -> None:
    kept, data = Kept.open(FIRST), tmp_path / "data"
    kept.copy_to(data)
    settings = Settings(
        data=data,
        tables=data / TABLES,
        store_url=restore_store(kept.unpack(DUMP, tmp_path / DUMP), postgres),
        warehouse_dsn=front.dsn,
        warehouse_database="kept",
        kafka_servers=kafka.servers,
        kafka_prefix=f"kept{os.getpid()}-",
        kafka_replication=1,
    )
    make_topics(settings)
    with closing(SqliteLog(data / LOG)) as source, open_log(settings) as log:
        publish(source, log)
    said: list[str] = []
    bring_in_line(settings, said.append)
    assert "engine and log are in line, epoch 1" in said
    with (
        open_log(settings) as log,
        service(settings, "commune", clock=kept.clock) as one,
        worker(settings, clock=kept.clock) as running,
    ):
        assert isinstance(log, KafkaLog)
        state = caught_up(running, one.parts, log)
        running.warehouse.drop()
    wrong = differences(expected(FIRST), state)
    assert not wrong, f"{len(wrong)} rows differ:\n" + "\n".join(wrong[:40])
