from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from services.adapters.exclusive import FileLock
from services.adapters.store import IDEMPOTENCY, META, METADATA, Store, insert_missing, mark_enqueued, upsert
from services.errors import SetupFault


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'folder' / 'store.db'}")
    yield opened
    opened.close()


def test_what_was_committed_survives_the_loss_of_power(store: Store) -> None:
    with store.read() as conn:
        settings = {
            name: conn.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_failed_block_leaves_nothing(store: Store) -> None:
    def fail_after_writing() -> None:
        with store.begin() as conn:
            conn.execute(insert(META).values(name="a", value="1"))
            raise LookupError

    with pytest.raises(LookupError):
        fail_after_writing()
    with store.begin() as conn:
        assert conn.scalars(select(META.c.name)).all() == []


def test_many_writers_wait_for_each_other(store: Store) -> None:
    with store.begin() as conn:
        conn.execute(insert(META).values(name="n", value="0"))

    def count_up() -> None:
        for _ in range(20):
            with store.begin() as conn:
                now = conn.scalar(select(META.c.value))
                upsert(conn, META, [{"name": "n", "value": str(int(now or 0) + 1)}])

    threads = [threading.Thread(target=count_up) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as conn:
        assert conn.scalar(select(META.c.value)) == "120"


def test_a_second_process_may_write_too(store: Store, tmp_path: Path) -> None:
    other = Store(f"sqlite:///{tmp_path / 'folder' / 'store.db'}")
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
    heard: list[int] = []

    def hear() -> None:
        heard.append(1)

    store.listen(hear)
    with store.begin() as conn:
        conn.execute(insert(META).values(name="a", value="1"))
    assert heard == []
    with store.begin() as conn:
        mark_enqueued(conn)
        assert heard == []
    assert heard == [1]
    store.stop_listening(hear)
    with store.begin() as conn:
        mark_enqueued(conn)
    assert heard == [1]


def test_a_lock_has_one_holder(store: Store) -> None:
    one, other = store.lock("relay"), store.lock("relay")
    assert isinstance(one, FileLock)
    assert one.try_acquire()
    assert one.try_acquire()
    assert not other.try_acquire()
    assert store.lock("other").try_acquire()
    one.release()
    assert not one.held
    assert other.try_acquire()
    other.release()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://localhost/liencap", "keeps its store in SQLite"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("not an address", "no database address"),
    ],
)
def test_an_address_that_cannot_hold_a_store_is_refused_in_words(url: str, said: str) -> None:
    with pytest.raises(SetupFault, match=said):
        Store(url)


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("this is a letter, not a database" * 100)
    with pytest.raises(SetupFault, match="cannot be opened"):
        Store(f"sqlite:///{tmp_path / 'store.db'}")


def test_tables_and_upserts_are_written_for_both_engines() -> None:
    dialects: tuple[Dialect, ...] = (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]
    for dialect in dialects:
        for table in METADATA.sorted_tables:
            statement = str(CreateTable(table).compile(dialect=dialect))
            assert table.name in statement
            for index in table.indexes:
                assert "CREATE" in str(CreateIndex(index).compile(dialect=dialect))
    theirs = postgresql.insert(META)
    written = theirs.on_conflict_do_update(index_elements=["name"], set_={"value": theirs.excluded.value})
    assert "ON CONFLICT (name) DO UPDATE" in str(written.compile(dialect=dialects[1]))
