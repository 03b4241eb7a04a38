"""Group commit, on SQLite and on PostgreSQL: what is durable, what fails alone, and what is refused."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select

from events.errors import LienCapError
from services.errors import BadInput, NotReady, Overloaded
from services.store.groups import CommitGroups
from services.store.store import META, Store
from tests.contract.door import Door


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def groups(store: Store) -> Iterator[CommitGroups]:
    started = CommitGroups(store, most=8, longest_queue=20)
    yield started
    started.stop()


@dataclass
class Notes:
    """Writes names into the table `meta`; some cannot be written, some are refused by a rule."""

    broken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    groups: list[list[str]] = field(default_factory=list)

    def write(self, conn: Connection, names: Sequence[str]) -> list[str | LienCapError]:
        self.groups.append(list(names))
        results: list[str | LienCapError] = []
        for name in names:
            if name in self.refused:
                results.append(BadInput(f"{name} is refused"))
                continue
            conn.execute(insert(META).values(name=name, value=str(len(self.groups))))
            if name in self.broken:
                raise LookupError(name)
            results.append(f"wrote {name}")
        return results


async def behind_a_door(groups: CommitGroups, notes: Notes, names: Sequence[str]) -> list[object]:
    """Post names while the writer is busy, so that they come into one group; return what each got."""
    door = Door()
    first = asyncio.create_task(groups.write(door.write, None))
    await asyncio.to_thread(door.entered.wait, 30)
    posts = [asyncio.create_task(groups.write(notes.write, name)) for name in names]
    await asyncio.sleep(0)  # each has put itself into the queue
    door.open()
    await first
    return await asyncio.gather(*posts, return_exceptions=True)


def names_in(store: Store) -> set[str]:
    with store.read() as conn:
        return set(conn.scalars(select(META.c.name).where(META.c.name.like("n%"))))


def test_what_came_during_a_commit_is_committed_together_in_its_order(
    store: Store, groups: CommitGroups
) -> None:
    notes = Notes()
    names = [f"n{number:02}" for number in range(11)]
    assert asyncio.run(behind_a_door(groups, notes, names)) == [f"wrote {name}" for name in names]
    assert notes.groups == [names[:8], names[8:]]
    assert names_in(store) == set(names)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(["good", "broken", "refused"]), min_size=1, max_size=20))
def test_a_post_that_cannot_be_written_harms_no_other_of_its_group(store_url: str, kinds: list[str]) -> None:
    store = Store(store_url)
    groups = CommitGroups(store, most=20)
    names = [f"n{number}-{kind}" for number, kind in enumerate(kinds)]
    notes = Notes(
        broken=frozenset(name for name in names if name.endswith("broken")),
        refused=frozenset(name for name in names if name.endswith("refused")),
    )
    try:
        answers = asyncio.run(behind_a_door(groups, notes, names))
        for name, kind, answer in zip(names, kinds, answers, strict=True):
            if kind == "good":
                assert answer == f"wrote {name}"
            elif kind == "broken":
                assert isinstance(answer, LookupError)
                assert answer.args == (name,)
            else:
                assert isinstance(answer, BadInput)
                assert answer.message == f"{name} is refused"
        assert names_in(store) == {name for name in names if name.endswith("good")}
    finally:
        groups.stop()
        with store.begin() as conn:
            conn.execute(delete(META).where(META.c.name.like("n%")))
        store.close()


def cut_the_ground(conn: Connection) -> None:
    """Let this transaction fail as a full disk or a lost server does."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA max_page_count = 1")  # as many pages as there are now
        conn.execute(insert(META).values(name="large", value="x" * 2_000_000))
    else:
        conn.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")


def test_where_the_store_fails_every_post_of_the_group_fails_and_none_is_written(
    store: Store, groups: CommitGroups
) -> None:
    notes = Notes()

    def write(conn: Connection, names: Sequence[str]) -> list[str | LienCapError]:
        results = notes.write(conn, names)
        cut_the_ground(conn)
        return results

    async def post_all() -> list[object]:
        door = Door()
        first = asyncio.create_task(groups.write(door.write, None))
        await asyncio.to_thread(door.entered.wait, 30)
        posts = [asyncio.create_task(groups.write(write, name)) for name in ("n1", "n2", "n3")]
        await asyncio.sleep(0)
        door.open()
        await first
        return await asyncio.gather(*posts, return_exceptions=True)

    errors = asyncio.run(post_all())
    assert [type(error) for error in errors] == [NotReady] * 3
    assert len({id(error) for error in errors}) == 3, "each request raises an error of its own"
    assert notes.groups == [["n1", "n2", "n3"]], "no half of it was tried again"
    assert names_in(store) == set()


def test_a_full_queue_refuses_further_posts_before_anything_is_written(
    store: Store, groups: CommitGroups
) -> None:
    notes = Notes()
    names = [f"n{number:02}" for number in range(25)]
    answers = asyncio.run(behind_a_door(groups, notes, names))
    assert answers[:20] == [f"wrote {name}" for name in names[:20]]
    for refused in answers[20:]:
        assert isinstance(refused, Overloaded)
        assert refused.retry_after > 0
    assert names_in(store) == set(names[:20])


def test_what_waits_is_written_before_the_writer_stops_and_what_comes_later_is_refused(
    store: Store, groups: CommitGroups
) -> None:
    notes = Notes()

    async def stop_while_they_wait() -> list[object]:
        door = Door()
        first = asyncio.create_task(groups.write(door.write, None))
        await asyncio.to_thread(door.entered.wait, 30)
        posts = [asyncio.create_task(groups.write(notes.write, f"n{number}")) for number in range(10)]
        await asyncio.sleep(0)
        stopping = asyncio.create_task(asyncio.to_thread(groups.stop))
        door.open()
        await asyncio.gather(first, stopping)
        late = asyncio.create_task(groups.write(notes.write, "n-late"))
        return await asyncio.gather(*posts, late, return_exceptions=True)

    *written, late = asyncio.run(stop_while_they_wait())
    assert written == [f"wrote n{number}" for number in range(10)]
    assert isinstance(late, NotReady)
    assert names_in(store) == {f"n{number}" for number in range(10)}


def test_a_request_that_is_gone_harms_no_other_of_its_group(store: Store, groups: CommitGroups) -> None:
    notes = Notes()

    async def cancel_one() -> list[object]:
        door = Door()
        first = asyncio.create_task(groups.write(door.write, None))
        await asyncio.to_thread(door.entered.wait, 30)
        posts = [asyncio.create_task(groups.write(notes.write, name)) for name in ("n1", "n2", "n3")]
        await asyncio.sleep(0)
        posts[1].cancel()
        door.open()
        await first
        return await asyncio.gather(*posts, return_exceptions=True)

    one, gone, three = asyncio.run(cancel_one())
    assert (one, type(gone), three) == ("wrote n1", asyncio.CancelledError, "wrote n3")
    # Nobody was told of the second; a retry finds it by its key.
    assert {"n1", "n3"} <= names_in(store)


def test_an_event_loop_that_was_closed_stops_no_writer(store: Store, groups: CommitGroups) -> None:
    door, notes = Door(), Notes()

    async def leave() -> None:
        waiting = asyncio.create_task(groups.write(door.write, None))
        await asyncio.to_thread(door.entered.wait, 30)
        waiting.cancel()

    asyncio.run(leave())
    door.open()
    assert asyncio.run(groups.write(notes.write, "n1")) == "wrote n1"
    assert names_in(store) == {"n1"}


def test_posts_of_several_instances_wait_for_each_other(store: Store, store_url: str) -> None:
    """Decision 0009: whoever writes reads as if it were alone, also in groups and on one server."""
    other = Store(store_url)
    instances = [CommitGroups(each, most=4) for each in (store, other)]

    def count_up(conn: Connection, posts: Sequence[int]) -> list[int]:
        value = int(conn.scalar(select(META.c.value).where(META.c.name == "count")) or 0)
        conn.execute(delete(META).where(META.c.name == "count"))
        conn.execute(insert(META).values(name="count", value=str(value + len(posts))))
        return [value + number + 1 for number in range(len(posts))]

    async def post_to_both() -> list[int]:
        return await asyncio.gather(
            *[groups.write(count_up, number) for number in range(40) for groups in instances]
        )

    assert sorted(asyncio.run(post_to_both())) == list(range(1, 81))
    for groups in instances:
        groups.stop()
    other.close()


def test_another_writer_gets_its_turn_while_posts_keep_coming(store: Store, groups: CommitGroups) -> None:
    order: list[str] = []
    notes = Notes()

    def act() -> None:
        with store.begin() as conn:
            conn.execute(insert(META).values(name="n-act", value="1"))
            order.append("act")

    def write(conn: Connection, names: Sequence[str]) -> list[str | LienCapError]:
        order.extend(names)
        return notes.write(conn, names)

    async def both() -> None:
        door, acting = Door(), threading.Thread(target=act)
        first = asyncio.create_task(groups.write(door.write, None))
        await asyncio.to_thread(door.entered.wait, 30)
        acting.start()
        await asyncio.to_thread(until, lambda: store.waiting_writers == 1)
        posts = [asyncio.create_task(groups.write(write, f"n{number}")) for number in range(16)]
        await asyncio.sleep(0)
        door.open()
        await asyncio.gather(first, *posts)
        await asyncio.to_thread(acting.join)

    asyncio.run(both())
    assert order[0] == "act", "it waited before the posts came, so it goes before them"


def until(holds: Callable[[], bool]) -> None:
    """Look until it holds."""
    pause = threading.Event()
    for _ in range(3_000):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError
