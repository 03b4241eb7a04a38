"""The behaviour of every store, on SQLite and on PostgreSQL, on which the services rest."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from services.store.row_writer import insert_missing, upsert
from services.store.store import IDEMPOTENCY, META, OUTBOX, Store, mark_enqueued

NOW = dt.datetime(2026, 7, 15, 2, 0, tzinfo=dt.UTC)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.close()


def outbox_row(key: str) -> dict[str, Any]:
    return {"event_id": uuid.uuid4(), "topic": "issues", "key": key, "value": b"{}", "created_at": NOW}


class Ear:
    """Counts what this very thread announced; what other processes do is heard in a thread of the store's."""

    def __init__(self) -> None:
        self.count = 0
        self._thread = threading.current_thread()

    def __call__(self) -> None:
        self.count += threading.current_thread() is self._thread


def test_a_failed_block_leaves_nothing(store: Store) -> None:
    def fail_after_writing() -> None:
        with store.begin() as conn:
            conn.execute(insert(META).values(name="a", value="1"))
            raise LookupError

    with pytest.raises(LookupError):
        fail_after_writing()
    with store.begin() as conn:
        assert conn.scalars(select(META.c.name)).all() == []


def test_many_writers_of_several_instances_wait_for_each_other(store: Store, store_url: str) -> None:
    other = Store(store_url)
    with store.begin() as conn:
        conn.execute(insert(META).values(name="n", value="0"))

    def count_up(instance: Store) -> None:
        for _ in range(20):
            with instance.begin() as conn:
                now = conn.scalar(select(META.c.value))
                upsert(conn, META, [{"name": "n", "value": str(int(now or 0) + 1)}])

    threads = [threading.Thread(target=count_up, args=(each,)) for each in (store, other) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as conn:
        assert conn.scalar(select(META.c.value)) == "120"
    other.close()


def test_a_second_process_may_write_too(store: Store, store_url: str) -> None:
    other = Store(store_url)
    with other.begin() as conn:
        conn.execute(insert(META).values(name="a", value="1"))
    with store.begin() as conn:
        upsert(conn, META, [{"name": "a", "value": "2"}, {"name": "b", "value": "3"}])
    with other.read() as conn:
        assert {row.name: row.value for row in conn.execute(select(META))} == {"a": "2", "b": "3"}
    other.close()


def test_a_reader_sees_one_state_and_blocks_no_writer(store: Store) -> None:
    with store.read() as reading:
        assert reading.scalars(select(META.c.name)).all() == []
        with store.begin() as conn:
            conn.execute(insert(META).values(name="a", value="1"))
        assert reading.scalars(select(META.c.name)).all() == []
    with store.read() as reading:
        assert reading.scalars(select(META.c.name)).all() == ["a"]


def test_what_is_there_is_not_inserted_again(store: Store) -> None:
    with store.begin() as conn:
        insert_missing(conn, META, [{"name": "a", "value": "1"}], unique="name")
        insert_missing(conn, META, [{"name": "a", "value": "2"}, {"name": "b", "value": "2"}], unique="name")
        insert_missing(conn, META, [], unique="name")
        upsert(conn, META, [])
        assert {row.name: row.value for row in conn.execute(select(META))} == {"a": "1", "b": "2"}
        with pytest.raises(IntegrityError):
            conn.execute(insert(META).values(name="a", value="1"))


def test_instants_come_back_aware_and_the_same(store: Store) -> None:
    at = dt.datetime(2026, 7, 1, 8, 30, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    with store.begin() as conn:
        conn.execute(
            insert(IDEMPOTENCY).values(
                key="k", fingerprint="f", response=b"{}", unit_code="15607", created_at=at
            )
        )
        found = conn.scalar(select(IDEMPOTENCY.c.created_at))
    assert found == at
    assert found is not None
    assert found.tzinfo is not None


def test_only_commits_that_fill_the_outbox_are_announced(store: Store) -> None:
    ear = Ear()
    store.listen(ear)
    with store.begin() as conn:
        conn.execute(insert(META).values(name="a", value="1"))
    assert ear.count == 0
    with store.begin() as conn:
        mark_enqueued(conn)
        assert ear.count == 0
    assert ear.count == 1
    store.stop_listening(ear)
    store.stop_listening(ear)
    with store.begin() as conn:
        mark_enqueued(conn)
    assert ear.count == 1


def test_a_lock_has_one_holder(store: Store) -> None:
    one, other, another = store.lock("relay"), store.lock("relay"), store.lock("other")
    assert one.try_acquire()
    assert one.try_acquire()
    assert one.held
    assert not other.try_acquire()
    assert not other.held
    assert another.try_acquire()
    one.release()
    one.release()
    assert not one.held
    assert other.try_acquire()
    other.release()
    another.release()


def test_a_lock_that_was_released_is_free_at_once(store: Store) -> None:
    for _ in range(50):
        lock = store.lock("import")
        assert lock.try_acquire()
        lock.release()


def test_ids_of_the_outbox_become_visible_in_their_order(store: Store, store_url: str) -> None:
    other = Store(store_url)
    committed = threading.Event()

    def record_second() -> None:
        with other.begin() as conn:
            conn.execute(insert(OUTBOX).values(outbox_row("second")))
        committed.set()

    second = threading.Thread(target=record_second)
    with store.begin() as conn:
        conn.execute(insert(OUTBOX).values(outbox_row("first")))
        second.start()
        # Were it visible now, a relay would publish it, and the first one after it.
        assert not committed.wait(0.5)
    second.join()
    with store.read() as conn:
        assert list(conn.scalars(select(OUTBOX.c.key).order_by(OUTBOX.c.id))) == ["first", "second"]
    other.close()


def test_what_failed_is_not_announced_later(store: Store) -> None:
    ear = Ear()
    store.listen(ear)

    def fail_after_enqueueing() -> None:
        with store.begin() as conn:
            mark_enqueued(conn)
            raise LookupError

    with pytest.raises(LookupError):
        fail_after_enqueueing()
    with store.begin() as conn:
        conn.execute(insert(META).values(name="a", value="1"))
    assert ear.count == 0


def test_a_statement_that_breaks_a_rule_is_no_question_of_readiness(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as conn:
        conn.execute(insert(META), [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}])


def test_long_texts_and_every_letter_come_back_as_they_were(store: Store) -> None:
    body = "Bản Vịn, xã Bát Mọt – đường tắc ở km 7 🛣 \\ %s :name " * 2_000
    with store.begin() as conn:
        conn.execute(insert(META).values(name="đường", value=body))
    with store.read() as conn:
        assert conn.scalar(select(META.c.value).where(META.c.name == "đường")) == body
