from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import InternalError

from events.log import Message, Position
from services.access.actors import Actor
from services.boot.readiness import OutboxCollector
from services.errors import NotReady, SetupError
from services.intake.heartbeats import Heartbeats
from services.log.sqlite import SqliteLog
from services.store import postgres as store_postgres
from services.store.outbox import Relay, outbox_stats
from services.store.store import META, OUTBOX, TEXTS, Store, mark_enqueued
from services.store.texts import TextStore
from services.warehouse.client import Warehouse
from tests.postgres import PostgresCluster
from tests.services.test_outbox import NOW, in_log, put, soon
from tests.services.world import BAT_MOT, OFFICER, SAID, open_world, tables


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    with closing(Store(postgres_url)) as opened:
        yield opened


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(tmp_path / "log.db")) as opened:
        yield opened


def note(store: Store, name: str) -> None:
    with store.begin() as conn:
        conn.execute(insert(META).values(name=name, value=""))


def names(store: Store) -> list[str]:
    with store.read() as conn:
        return list(conn.scalars(select(META.c.name).order_by(META.c.name)))


def cut_off(postgres: PostgresCluster, what: str) -> None:
    """End the sessions that do something, as an administrator or a broken line does."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    postgres.execute(f"{ended} AND backend_type = 'client backend' AND query LIKE '%{what}%'")


@pytest.mark.process
def test_while_the_server_is_away_requests_are_told_so_and_afterwards_all_goes_on(
    postgres: PostgresCluster, store: Store
) -> None:
    note(store, "a")
    postgres.kill()
    try:
        for ask in (
            lambda: note(store, "b"),
            lambda: names(store),
            lambda: store.lock("import").try_acquire(),
        ):
            with pytest.raises(NotReady, match="does not answer"):
                ask()
        with pytest.raises(NotReady):
            store.forget_overwritten(TEXTS)
    finally:
        postgres.start()
    note(store, "c")
    assert names(store) == ["a", "c"]


@pytest.mark.process
def test_while_the_server_is_away_no_active_unit_is_forgotten_and_metrics_go_on(
    postgres: PostgresCluster, store: Store
) -> None:
    registry = CollectorRegistry()
    OutboxCollector(registry, store, lambda: NOW)
    heartbeats = Heartbeats(store, tables().units, lambda: NOW)
    heartbeats.mark_active(BAT_MOT, NOW)
    assert b"liencap_outbox_events 0.0" in generate_latest(registry)
    postgres.kill()
    try:
        with pytest.raises(NotReady):
            heartbeats.beat()
        assert b"liencap_outbox_events" not in generate_latest(registry)
    finally:
        postgres.start()
    assert heartbeats.beat() == 1
    assert b"liencap_outbox_events 1.0" in generate_latest(registry)


@pytest.mark.process
@pytest.mark.warehouse
def test_a_report_that_meets_no_server_is_refused_and_taken_when_it_comes_again(
    postgres: PostgresCluster, postgres_url: str, tmp_path: Path, warehouse: Warehouse
) -> None:
    with open_world(tmp_path, warehouse, store_url=postgres_url) as world:
        first = world.report()
        report_id = str(uuid.uuid4())

        def send() -> Any:
            body = {
                "id": report_id,
                "kind": "mobile_dead_spot",
                "severity": "high",
                "place": "Bản Vịn",
                **SAID,
            }
            return world.as_(*OFFICER).post(f"/api/v1/communes/{BAT_MOT}/issues", json=body)

        postgres.kill()
        try:
            refused = send()
            assert (refused.status_code, refused.json()["type"]) == (503, "urn:liencap:problem:not-ready")
            assert "127.0.0.1" not in refused.text
        finally:
            postgres.start()
        taken, again = send(), send()
        assert (taken.status_code, again.json()) == (201, taken.json())
        world.settle()
        assert {world.issue(each)["id"] for each in (first, report_id)} == {first, report_id}
        assert world.parts.relay.alive


@pytest.mark.process
def test_a_transaction_that_loses_its_server_is_not_there(postgres: PostgresCluster, store: Store) -> None:
    def restart_in_the_middle() -> None:
        with store.begin() as conn:
            conn.execute(insert(META).values(name="a", value=""))
            postgres.stop()
            postgres.start()

    with pytest.raises(NotReady):
        restart_in_the_middle()
    note(store, "b")
    assert names(store) == ["b"]


@pytest.mark.process
def test_a_relay_goes_on_after_a_restart_of_the_server(
    postgres: PostgresCluster, store: Store, log: SqliteLog, postgres_url: str
) -> None:
    relay = Relay(store, log, poll_seconds=600)
    relay.start()
    try:
        put(store, "a")
        assert soon(lambda: outbox_stats(store).depth == 0)
        postgres.kill()
        postgres.start()
        with closing(Store(postgres_url)) as other:
            for count in range(2, 5):
                # Another process's, and the line on which it would be heard has been cut.
                put(other, "a")
                assert soon(lambda wanted=count: len(in_log(log)) == wanted, seconds=20)  # type: ignore[misc]
        assert relay.alive
    finally:
        relay.stop()


def test_a_commit_waits_for_the_disk_whatever_the_server_s_default(postgres: PostgresCluster) -> None:
    for default, kept in (("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")):
        url = postgres.new_database()
        postgres.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = {default}")
        with closing(Store(url)) as store, store.begin() as conn:
            assert conn.scalar(text("SHOW synchronous_commit")) == kept


def test_what_only_reads_cannot_write(store: Store) -> None:
    with store.read() as conn, pytest.raises(InternalError, match="read-only"):
        conn.execute(insert(META).values(name="a", value=""))


def test_a_commit_of_another_instance_wakes_the_relay(
    store: Store, log: SqliteLog, postgres_url: str
) -> None:
    relay = Relay(store, log, poll_seconds=600)
    relay.start()
    try:
        with closing(Store(postgres_url)) as other:
            ids = put(other, "a")
            assert soon(lambda: in_log(log) == ids)
            ids += put(other, "a")
            assert soon(lambda: in_log(log) == ids)
    finally:
        relay.stop()


def test_an_instance_does_not_hear_itself_twice(store: Store, postgres_url: str) -> None:
    heard: list[str] = []
    store.listen(lambda: heard.append(threading.current_thread().name))
    assert soon(lambda: heard == ["store-listener"])  # once, for what it may have missed before
    with store.begin() as conn:
        mark_enqueued(conn)
    with closing(Store(postgres_url)) as other, other.begin() as conn:
        mark_enqueued(conn)
    assert soon(lambda: len(heard) == 3)
    assert heard == ["store-listener", threading.current_thread().name, "store-listener"]


def test_a_holder_that_lost_its_connection_knows_that_it_lost_its_lock(
    postgres: PostgresCluster, store: Store
) -> None:
    lock, other = store.lock("relay"), store.lock("relay")
    assert lock.try_acquire()
    cut_off(postgres, "IS NOT NULL")
    cut_off(postgres, "pg_try_advisory_lock")
    assert soon(other.try_acquire)
    assert not lock.held
    assert not lock.try_acquire()
    other.release()
    assert lock.try_acquire()
    lock.release()


def test_a_relay_that_lost_its_lock_leaves_the_rows_to_the_one_that_has_it(
    postgres: PostgresCluster, store: Store, log: SqliteLog, postgres_url: str
) -> None:
    class LosesIt(SqliteLog):
        """Loses the relay's lock to another while a batch is on its way."""

        batches = 0

        def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
            self.batches += 1
            positions = super().append(topic, messages)
            cut_off(postgres, "IS NOT NULL")
            assert soon(taken_over.try_acquire)
            return positions

    with closing(Store(postgres_url)) as other, closing(LosesIt(log._path)) as weak:
        taken_over = other.lock("relay")
        ids = put(store, *["a"] * 2_500)
        with pytest.raises(NotReady, match="lost its lock"):
            Relay(store, weak).publish_all()
        assert weak.batches == 1
        assert Relay(store, weak).publish_all() == 0
        taken_over.release()
        assert Relay(other, log).publish_all() == 1_500
        assert in_log(log, "a") == ids


def test_a_writer_that_stands_still_does_not_hold_up_the_others(
    store: Store, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_postgres, "SILENCE_TIMEOUT", "500ms")
    with closing(Store(postgres_url)) as other:

        def stand_still() -> None:
            with store.begin() as conn:
                conn.execute(insert(META).values(name="a", value=""))
                note(other, "b")

        began = time.monotonic()
        with pytest.raises(NotReady):
            stand_still()
        assert time.monotonic() - began < 5
        assert names(other) == ["b"]


def test_a_turn_that_does_not_come_is_an_answer(
    store: Store, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store_postgres._SESSION, "lock_timeout", "200ms")
    with closing(Store(postgres_url)) as other:
        with store.begin(), pytest.raises(NotReady):
            note(other, "a")
        note(other, "b")
        assert names(other) == ["b"]


def test_an_erased_text_is_no_longer_in_its_table(postgres: PostgresCluster) -> None:
    url = postgres.new_database()
    database = url.rpartition("/")[2]
    postgres.execute("CREATE EXTENSION pageinspect", database)
    raw = (
        "SELECT count(*) FROM heap_page_items(get_raw_page('texts', 0)) "
        "WHERE encode(t_data, 'hex') LIKE '%' || encode(convert_to('Bản Vịn', 'UTF8'), 'hex') || '%'"
    )
    with closing(Store(url)) as store:
        texts = TextStore(store)
        with store.begin() as conn:
            ref = texts.put(conn, "Bản Vịn, km 7", unit_code="15607", purpose="place")
        assert postgres.execute(raw, database) == [(1,)]
        texts.erase(ref.id, Actor(role="commune_chair", unit_code="15607"), "a person asked for it")
        assert texts.fetch([ref.id]) == {ref.id: None}
    assert postgres.execute(raw, database) == [(0,)]


def test_each_schema_is_a_store_of_its_own(postgres: PostgresCluster, store: Store) -> None:
    with closing(Store(postgres.new_store())) as other:
        lock, others = store.lock("relay"), other.lock("relay")
        assert lock.try_acquire()
        assert others.try_acquire()
        with store.begin() as conn:
            conn.execute(insert(META).values(name="a", value=""))
            note(other, "b")  # waits for no turn of the neighbour
        put(other, "k")
        assert (names(store), names(other)) == (["a"], ["b"])
        with store.read() as conn:
            assert conn.execute(select(OUTBOX.c.id)).all() == []
        lock.release()
        others.release()


def test_of_several_hosts_the_one_that_answers_is_taken(postgres: PostgresCluster, log: SqliteLog) -> None:
    place = f"postgres?host=127.0.0.1:1&host=127.0.0.1:{postgres.port}"
    url = postgres.new_store().replace(f"127.0.0.1:{postgres.port}/postgres?", f"/{place}&")
    with closing(Store(url)) as store:
        put(store, "a")
        assert Relay(store, log).publish_all() == 1
        assert store.version.startswith("PostgreSQL ")


def test_an_address_without_a_driver_takes_psycopg(postgres_url: str) -> None:
    with closing(Store(postgres_url.replace("+psycopg", ""))) as store:
        assert store.engine.dialect.driver == "psycopg"


def test_a_server_that_is_not_there_is_named_without_its_password(postgres: PostgresCluster) -> None:
    with pytest.raises(SetupError, match="cannot be opened") as fault:
        Store("postgresql://liencap:very-secret@127.0.0.1:1/liencap")
    assert "very-secret" not in fault.value.message
    with pytest.raises(SetupError, match="no schema that this role may use"):
        Store(f"{postgres.address_of('postgres')}?options=-csearch_path%3Dnowhere")


def test_a_database_that_does_not_keep_utf8_is_refused(postgres: PostgresCluster) -> None:
    postgres.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(SetupError, match="keeps SQL_ASCII"):
        Store(postgres.address_of("ascii"))
