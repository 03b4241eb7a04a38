"""The step `notify`: however the log is cut and repeated, each cause is written down once, and history not at all."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select

from events.codec import encode
from events.log import Message
from events.topics import ISSUES, PROMISES
from reporting.dated.territory import parse_territory
from reporting.issues.state import IssueState
from reporting.notice import Notice
from reporting.notices import notices_of
from reporting.problems.fold import ProblemState
from reporting.promises.notices import notices_of_promise
from reporting.promises.register import Spot, fold_all
from services.arrivals import AnnouncedArrivals
from services.errors import NotReady
from services.notices.book import NoticeBook, Starts
from services.store.notice_tables import DELIVERIES, NOTICES, SUBSCRIPTIONS
from services.store.store import Store
from services.streams.decide import Decide
from services.streams.notify import Notify
from tests.reporting import test_promises as register
from tests.reporting.stories import LEADER, MORNING, REVIEWER, Story, tables
from tests.services.issue_log import FakeLog, FakeRows, cut, delivered
from tests.stores import empty_store


class LogWithGroups(FakeLog):
    """The fake log with the ends and positions that the step asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 1
        self.decided: dict[int, int] = {}
        self.landed: dict[int, int] = {}

    @property
    def epoch(self) -> int:
        return self.number

    def end_positions(self, topic: str) -> dict[int, int]:
        return {number: len(self.lane(number, topic)) for number in range(ISSUES.partitions)}

    def committed(self, group: str, topic: str) -> dict[int, int]:
        assert (group, topic) in {("decide", ISSUES.name), ("land", PROMISES.name)}
        return self.decided if topic == ISSUES.name else self.landed


class Register:
    """The register of promises as it is folded from all that a log holds."""

    def __init__(self, log: FakeLog) -> None:
        self.log = log

    def load(self, spot_ids: Iterable[UUID]) -> dict[UUID, Spot]:
        wanted = set(spot_ids)
        return {spot.id: spot for spot in fold_all(self.log.events(PROMISES.name)) if spot.id in wanted}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(empty_store(tmp_path / "store.db"))) as store:
        yield store


@pytest.fixture
def book(store: Store) -> NoticeBook:
    return NoticeBook(store, tables().calendar, tables().notice_hours)


def folded_stories(count: int = 6) -> tuple[LogWithGroups, FakeRows[IssueState], list[Story]]:
    """A log of whole stories that `decide` has folded, and its rows."""
    log, rows = LogWithGroups(), FakeRows(IssueState)
    stories = [Story(name=f"story {number}").taken_on() for number in range(count)]
    for story in stories:
        story.answer("solved")
        log.add(*story.log)
    step = Decide(rows, log, tables(), AnnouncedArrivals(), problem_table=FakeRows(ProblemState))
    for partition in range(ISSUES.partitions):
        step.handle(delivered(log.lane(partition)))
    # What decide says again carries known ids and changes nothing.
    log.decided = log.end_positions(ISSUES.name)
    return log, rows, stories


def expected(stories: list[Story]) -> set[Any]:
    return {
        notice.id for story in stories for event in story.log for notice in notices_of(event, story.state)
    }


def ids_in(store: Store) -> set[Any]:
    with store.read() as conn:
        found = conn.scalars(select(NOTICES.c.id)).all()
    assert len(found) == len(set(found))
    return set(found)


def step_on(
    log: Any,
    rows: Any,
    book: NoticeBook,
    starts: Starts | None = None,
    provinces: str = "",
    simulated_until: Mapping[str, dt.datetime] | None = None,
) -> Notify:
    register = Register(log)
    return Notify(
        rows,
        register,
        log,
        book,
        starts or Starts({}),
        lambda: MORNING,
        territory=parse_territory(provinces, tables().units),
        group="notify",
        simulated_until=lambda: simulated_until or {},
        longest_wait=0.0,
    )


@pytest.mark.parametrize("seed", range(5))
def test_however_the_log_is_cut_and_repeated_each_cause_is_written_once(
    seed: int, store: Store, book: NoticeBook
) -> None:
    log, rows, stories = folded_stories()
    step = step_on(log, rows, book)
    rng = random.Random(seed)
    for partition in range(ISSUES.partitions):
        for batch in cut(log.lane(partition), rng):
            step.handle(batch)
    assert ids_in(store) == expected(stories)
    assert len(expected(stories)) >= 4 * len(stories)


def test_each_notice_stands_in_the_book_of_its_recipient_s_store_and_in_no_other(tmp_path: Path) -> None:
    log, rows, stories = folded_stories(3)
    asked = Story(name="to the ministry").taken_on()
    asked.petition_ministry()
    assert asked.approve(LEADER, asked.petition).accepted
    assert asked.send(REVIEWER, asked.petition).accepted
    log.add(*asked.log)
    decide = Decide(rows, log, tables(), AnnouncedArrivals(), problem_table=FakeRows(ProblemState))
    for partition in range(ISSUES.partitions):
        decide.handle(delivered(log.lane(partition)))
    log.decided = log.end_positions(ISSUES.name)
    wanted = {
        (notice.id, notice.recipient.body == "bo_khcn")
        for story in (*stories, asked)
        for event in story.log
        for notice in notices_of(event, story.state)
    }
    found: dict[str, set[Any]] = {}
    for provinces in ("38", "40,01", "vn"):
        with closing(Store(f"sqlite:///{tmp_path / provinces}.db")) as store:
            book = NoticeBook(store, tables().calendar, tables().notice_hours)
            step = step_on(log, rows, book, provinces=provinces)
            for partition in range(ISSUES.partitions):
                step.handle(delivered(log.lane(partition)))
            found[provinces] = ids_in(store)
    national = {one for one, is_national in wanted if is_national}
    assert len(national) == 1
    assert found == {"38": {one for one, _ in wanted} - national, "40,01": set(), "vn": national}


def test_a_notice_of_a_simulated_past_is_noted_in_it_and_sent_to_nobody(
    store: Store, book: NoticeBook
) -> None:
    log, rows, stories = folded_stories(3)
    derived = [
        notice for story in stories for event in story.log for notice in notices_of(event, story.state)
    ]
    for body in {notice.recipient.body for notice in derived}:
        subscribe(store, body)
    until = sorted({notice.occurred_at for notice in derived})[-2]
    step = step_on(log, rows, book, simulated_until={"38": until, "40": MORNING + dt.timedelta(days=900)})
    for partition in range(ISSUES.partitions):
        step.handle(delivered(log.lane(partition)))
    assert ids_in(store) == expected(stories)
    with store.read() as conn:
        noted = conn.execute(select(NOTICES.c.id, NOTICES.c.noted_at, NOTICES.c.occurred_at)).all()
        sent = set(conn.scalars(select(DELIVERIES.c.notice_id)))
    past = {row.id for row in noted if row.occurred_at <= until}
    assert 0 < len(past) < len(noted)
    assert all(row.noted_at == (row.occurred_at if row.id in past else MORNING) for row in noted)
    assert sent == {row.id for row in noted} - past


def test_a_step_that_is_ahead_of_the_rows_waits_and_writes_nothing(store: Store, book: NoticeBook) -> None:
    log, rows, _ = folded_stories(1)
    partition = next(number for number, end in log.decided.items() if end)
    log.decided = {}
    with pytest.raises(NotReady, match="decide has not finished"):
        step_on(log, rows, book).handle(delivered(log.lane(partition)))
    assert ids_in(store) == set()


def test_an_event_about_an_issue_that_was_never_reported_holds_nothing_up(
    store: Store, book: NoticeBook
) -> None:
    log, _rows, _ = folded_stories(1)
    partition = next(number for number, end in log.decided.items() if end)
    step_on(log, FakeRows(IssueState), book).handle(delivered(log.lane(partition)))
    assert ids_in(store) == set()


def test_a_store_that_begins_to_give_notice_leaves_history_alone(store: Store, book: NoticeBook) -> None:
    log, rows, stories = folded_stories()
    starts = book.starts(log, [ISSUES.name])
    step = step_on(log, rows, book, starts)
    for partition in range(ISSUES.partitions):
        step.handle(delivered(log.lane(partition)))
    assert ids_in(store) == set()
    late = Story(name="late").on_its_way()
    log.add(*late.log)
    decide = Decide(rows, log, tables(), AnnouncedArrivals(), problem_table=FakeRows(ProblemState))
    for partition in range(ISSUES.partitions):
        decide.handle(delivered(log.lane(partition)))
    log.decided = log.end_positions(ISSUES.name)
    # The next start of the process finds what the first one noted, not the ends of today.
    again = step_on(log, rows, book, book.starts(log, [ISSUES.name]))
    for partition in range(ISSUES.partitions):
        again.handle(delivered(log.lane(partition)))
    assert ids_in(store) == expected([late])
    assert not expected(stories) & ids_in(store)


def test_a_log_that_was_replaced_is_history_up_to_its_end(book: NoticeBook) -> None:
    log, _, _ = folded_stories(2)
    first = book.starts(LogWithGroups(), [ISSUES.name])
    log.number = 2
    second = book.starts(log, [ISSUES.name])
    assert set(first.offsets.values()) == {0}
    assert second.offsets == {(ISSUES.name, number): end for number, end in log.decided.items()}


def promised(log: LogWithGroups) -> list[Any]:
    """Let a log hold the story of one village, which `land` has landed."""
    found = register.whole_story()
    log.append(PROMISES.name, [Message(event.partition_key, encode(event)) for event in found])
    log.landed = log.end_positions(PROMISES.name)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_what_changes_in_the_register_is_told_once_too(seed: int, store: Store, book: NoticeBook) -> None:
    log = LogWithGroups()
    events, rng = promised(log), random.Random(seed)
    (spot,) = fold_all(events)
    for partition in range(ISSUES.partitions):
        for batch in cut(log.lane(partition, PROMISES.name), rng):
            step_on(log, FakeRows(IssueState), book).handle(batch)
    expected = {notice.id for event in events for notice in notices_of_promise(event, spot)}
    assert ids_in(store) == expected
    assert len(expected) == 9


def test_the_register_is_read_only_after_it_was_landed(store: Store, book: NoticeBook) -> None:
    log = LogWithGroups()
    promised(log)
    log.landed = {}
    (lane,) = (lane for number in range(8) if (lane := log.lane(number, PROMISES.name)))
    with pytest.raises(NotReady, match="land has not finished"):
        step_on(log, FakeRows(IssueState), book).handle(delivered(lane))
    assert ids_in(store) == set()


def subscribe(store: Store, body: str, **more: Any) -> Any:
    row = {"id": uuid4(), "body": body, "channel": "email", "address": "van-thu@example.vn", "lang": "vi"}
    row |= {"daily": False, "added_at": MORNING, "added_by": "a test", **more}
    with store.begin() as conn:
        conn.execute(insert(SUBSCRIPTIONS), [row])
    return row["id"]


def notices(severity: str = "high") -> list[Notice]:
    story = Story(name=f"one of severity {severity}", severity=severity).on_its_way()
    return [notice for event in story.log for notice in notices_of(event, story.state)]


def test_deliveries_follow_the_subscriptions_of_the_body(store: Store, book: NoticeBook) -> None:
    mine = subscribe(store, "38.so_khcn")
    subscribe(store, "38.so_cong_thuong")
    subscribe(store, "38.so_khcn", ended_at=MORNING)
    night = dt.datetime(2025, 10, 13, 15, 0, tzinfo=dt.UTC)  # 22:00 local
    assert book.write(notices(), night) == 3
    assert book.write(notices(), night) == 0
    with store.read() as conn:
        (row,) = conn.execute(select(DELIVERIES)).all()
    assert (row.subscription_id, row.state, row.attempts) == (mine, "waiting", 0)
    assert row.due_at == dt.datetime(2025, 10, 14, 0, 0, tzinfo=dt.UTC)


def test_urgent_notices_and_webhooks_know_no_night(store: Store, book: NoticeBook) -> None:
    subscribe(store, "38.so_khcn", daily=True)
    subscribe(store, "38.so_khcn", channel="webhook")
    night = dt.datetime(2025, 10, 13, 15, 0, tzinfo=dt.UTC)
    book.write(notices(), night)
    book.write(notices("urgent"), night)
    with store.read() as conn:
        due = conn.execute(
            select(NOTICES.c.urgent, SUBSCRIPTIONS.c.channel, DELIVERIES.c.due_at)
            .join(NOTICES, NOTICES.c.id == DELIVERIES.c.notice_id)
            .join(SUBSCRIPTIONS, SUBSCRIPTIONS.c.id == DELIVERIES.c.subscription_id)
        ).all()
        assert conn.scalar(select(func.count()).select_from(DELIVERIES)) == 4
    digest = dt.datetime(2025, 10, 14, 0, 30, tzinfo=dt.UTC)
    assert sorted((urgent, channel, at == night, at == digest) for urgent, channel, at in due) == [
        (False, "email", False, True),
        (False, "webhook", True, False),
        (True, "email", True, False),
        (True, "webhook", True, False),
    ]
