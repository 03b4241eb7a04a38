from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from events.codec import decode
from events.errors import EventTooLarge, LogUnavailable
from events.issues import Closing, IssueClosed
from events.log import Message, Position
from events.topics import MAX_EVENT_BYTES, TOPICS
from services.log.sqlite import SqliteLog
from services.store.outbox import Enqueued, Relay, enqueue, enqueue_all, outbox_stats, prune, published_up_to
from services.store.store import OUTBOX, Store

NOW = dt.datetime(2026, 7, 15, 2, 0, tzinfo=dt.UTC)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.db")
    yield opened
    opened.close()


def subject(name: str) -> str:
    """Return the id of an issue by its short name in these tests; it is the key of its events."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def event(name: str, at: dt.datetime = NOW) -> IssueClosed:
    return IssueClosed(
        id=uuid.uuid4(),
        source="/vn/38/15607",
        subject=subject(name),
        time=at,
        recorded_at=at,
        partition_key=subject(name),
        data=Closing(reason_code="answered"),
    )


def put(store: Store, *keys: str, at: dt.datetime = NOW) -> list[uuid.UUID]:
    made = [event(key, at) for key in keys]
    with store.begin() as conn:
        enqueue_all(conn, [Enqueued(each) for each in made])
    return [each.id for each in made]


def in_log(log: SqliteLog, name: str | None = None) -> list[uuid.UUID]:
    found = [
        record
        for partition in range(TOPICS["issues"].partitions)
        for record in log.read("issues", partition, 0, 100_000)
    ]
    return [decode(record.value).id for record in found if name is None or record.key == subject(name)]


class WeakLog(SqliteLog):
    """The real log behind a line that fails, or a broker with a smaller limit."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.fails = 0
        self.fails_after_writing = 0
        self.largest = MAX_EVENT_BYTES
        self.calls = 0

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        self.calls += 1
        if self.fails:
            self.fails -= 1
            raise LogUnavailable("the line is down")
        if any(len(message.value) > self.largest for message in messages):
            raise EventTooLarge("over the broker's limit")
        positions = super().append(topic, messages)
        if self.fails_after_writing:
            self.fails_after_writing -= 1
            raise LogUnavailable("the answer got lost")
        return positions


@pytest.fixture
def weak(tmp_path: Path) -> Iterator[WeakLog]:
    opened = WeakLog(tmp_path / "weak.db")
    yield opened
    opened.close()


def soon(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.01)
    return False


def test_an_event_is_published_only_if_its_transaction_is(store: Store, log: SqliteLog) -> None:
    def fail_after_enqueueing() -> None:
        with store.begin() as conn:
            enqueue(conn, event("a"))
            raise LookupError

    with pytest.raises(LookupError):
        fail_after_enqueueing()
    kept = put(store, "a")
    assert Relay(store, log).publish_all() == 1
    assert in_log(log) == kept


def test_an_event_stands_in_the_outbox_once(store: Store) -> None:
    one = event("a")
    with store.begin() as conn:
        enqueue(conn, one)
    with pytest.raises(IntegrityError), store.begin() as conn:
        enqueue(conn, one)


def test_the_order_of_a_key_is_the_order_of_recording(store: Store, log: SqliteLog) -> None:
    keys = [f"k{number % 7}" for number in range(2_500)]
    ids = put(store, *keys)
    Relay(store, log).publish_all()
    for key in set(keys):
        assert in_log(log, key) == [each for each, its in zip(ids, keys, strict=True) if its == key]


def test_a_row_knows_where_it_lies(store: Store, log: SqliteLog) -> None:
    put(store, "a", "a", "b")
    relay = Relay(store, log, clock=lambda: NOW)
    relay.publish_all()
    with store.read() as conn:
        rows = conn.execute(select(OUTBOX)).all()
        known = published_up_to(conn, "issues", log.epoch)
        assert published_up_to(conn, "issues", log.epoch + 1) == {}
        assert published_up_to(conn, "cases", log.epoch) == {}
    for row in rows:
        [record] = log.read(row.topic, row.partition, row.log_offset, 1)
        assert (record.value, record.key, row.epoch) == (row.value, row.key, log.epoch)
        assert row.published_at == NOW
    assert {partition: end for partition, end in log.end_positions("issues").items() if end} == {
        partition: offset + 1 for partition, offset in known.items()
    }
    assert relay.publish_all() == 0


def test_while_the_log_is_away_everything_waits(store: Store, weak: WeakLog) -> None:
    ids = put(store, "a", "a")
    weak.fails = 1
    relay = Relay(store, weak)
    with pytest.raises(LogUnavailable):
        relay.publish_all()
    stats = outbox_stats(store)
    assert (stats.depth, stats.oldest_at, stats.set_aside_count) == (2, NOW, 0)
    ids += put(store, "a", at=NOW + dt.timedelta(hours=1))
    assert relay.publish_all() == 3
    assert in_log(weak, "a") == ids
    assert outbox_stats(store).depth == 0
    assert outbox_stats(store).oldest_at is None


def test_a_lost_answer_publishes_twice_in_order_and_loses_nothing(store: Store, weak: WeakLog) -> None:
    ids = put(store, "a", "a")
    weak.fails_after_writing = 1
    relay = Relay(store, weak)
    with pytest.raises(LogUnavailable):
        relay.publish_all()
    relay.publish_all()
    assert in_log(weak, "a") == ids + ids


def test_what_the_log_never_takes_is_set_aside_and_the_rest_goes_on(store: Store, weak: WeakLog) -> None:
    ids = put(store, "a", "b", "a", "c", "a")
    with store.begin() as conn:
        conn.execute(
            update(OUTBOX).where(OUTBOX.c.event_id == ids[0]).values(value=b"x" * (MAX_EVENT_BYTES + 1))
        )
        conn.execute(update(OUTBOX).where(OUTBOX.c.event_id == ids[3]).values(value=b"x" * 5_000))
    weak.largest = 4_000
    assert Relay(store, weak).publish_all() == 5
    assert set(in_log(weak)) == {ids[1], ids[2], ids[4]}
    assert in_log(weak, "a") == [ids[2], ids[4]]
    stats = outbox_stats(store)
    assert (stats.depth, stats.set_aside_count) == (0, 2)
    with store.read() as conn:
        reasons = set(conn.scalars(select(OUTBOX.c.failed_reason).where(OUTBOX.c.failed_reason.is_not(None))))
    assert reasons == {
        f"{MAX_EVENT_BYTES + 1} bytes, and the log takes {MAX_EVENT_BYTES}",
        "over the broker's limit",
    }


def test_the_relay_wakes_at_the_commit(store: Store, log: SqliteLog) -> None:
    relay = Relay(store, log, poll_seconds=600)
    relay.start()
    try:
        for count in range(1, 4):
            put(store, "a")
            assert soon(lambda wanted=count: len(in_log(log)) == wanted)  # type: ignore[misc]
        assert relay.alive
    finally:
        relay.stop()
    assert not relay.alive


def test_the_relay_comes_back_when_the_log_does(store: Store, weak: WeakLog) -> None:
    weak.fails = 3
    relay = Relay(store, weak, poll_seconds=600)
    relay.start()
    try:
        ids = put(store, "a")
        assert soon(lambda: in_log(weak) == ids)
    finally:
        relay.stop()
    assert weak.calls == 4


def test_what_waited_before_the_start_is_published(store: Store, log: SqliteLog) -> None:
    ids = put(store, "a")
    relay = Relay(store, log)
    relay.start()
    relay.start()
    try:
        assert soon(lambda: in_log(log) == ids)
    finally:
        relay.stop()
        relay.stop()


def test_one_relay_works_and_another_stands_by(store: Store, log: SqliteLog) -> None:
    first, second = (Relay(store, log, poll_seconds=0.05) for _ in range(2))
    first.start()
    put(store, "a")
    assert soon(lambda: len(in_log(log)) == 1)
    second.start()
    try:
        assert second.publish_all() == 0
        first.stop()
        put(store, "a")
        assert soon(lambda: len(in_log(log)) == 2)
    finally:
        second.stop()
        first.stop()


def test_many_writers_and_a_relay_lose_and_double_nothing(store: Store, log: SqliteLog) -> None:
    relay = Relay(store, log)
    relay.start()
    written: dict[str, list[uuid.UUID]] = {}

    def write(key: str) -> None:
        written[key] = [each for _ in range(25) for each in put(store, key)]

    threads = [threading.Thread(target=write, args=(f"k{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert soon(lambda: len(in_log(log)) == 100)
    finally:
        relay.stop()
    assert {key: in_log(log, key) for key in written} == written


def test_pruning_keeps_the_last_place_of_each_partition_and_what_waits(store: Store, log: SqliteLog) -> None:
    put(store, *[f"k{number}" for number in range(40)])
    Relay(store, log, clock=lambda: NOW).publish_all()
    waiting = put(store, "a")
    with store.read() as conn:
        before = published_up_to(conn, "issues", log.epoch)
    assert prune(store, NOW) == 0
    assert prune(store, NOW + dt.timedelta(days=1)) == 40 - len(before)
    with store.read() as conn:
        assert published_up_to(conn, "issues", log.epoch) == before
        left = conn.scalars(select(OUTBOX.c.event_id).where(OUTBOX.c.published_at.is_(None))).all()
    assert left == waiting
    assert prune(store, NOW + dt.timedelta(days=1)) == 0


def test_what_is_held_on_purpose_does_not_count_as_waiting(store: Store, log: SqliteLog) -> None:
    relay = Relay(store, log)
    put(store, "before")
    with relay.holding():
        put(store, "held")
        with relay.holding():
            assert relay.waiting().depth == 1
        assert relay.waiting() == relay.waiting()
        relay.publish_all()
        assert relay.waiting().depth == 1
    assert relay.waiting().depth == 0
