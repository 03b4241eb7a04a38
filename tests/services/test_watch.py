"""The watch on real rows: breached deadlines, silent and recovered sources, each emitted once."""

from __future__ import annotations

import datetime as dt
from functools import partial
from uuid import UUID

import pytest

from events.clocks import ClockBreached, ClockReached
from events.envelope import Envelope
from events.log import Position, Record
from events.sources import Heartbeat, SourceHeartbeat, SourceRecovered, SourceSilent
from events.topics import ISSUES, SOURCES
from reporting.issues.state import IssueState
from reporting.problems.fold import ProblemState
from services.arrivals import AnnouncedArrivals
from services.consuming.step import Delivered
from services.streams.decide import Decide
from services.streams.land import Land
from services.streams.watch import EVERYWHERE, Scope, Watch
from services.warehouse.client import Warehouse
from services.warehouse.folded import LatestStates
from services.warehouse.issue_table import IssueTable
from tests.reporting.stories import MORNING, Story, tables
from tests.services.issue_log import APPENDED_AT, FakeLog, FakeRows, delivered

pytestmark = pytest.mark.warehouse
DAY = dt.timedelta(days=1)


def decided(warehouse: Warehouse, log: FakeLog, *, epoch: int = 1) -> dict[UUID, IssueState]:
    """Hand everything in the log to `decide` until nothing new follows; return the rows."""
    rows = IssueTable(warehouse, epoch=epoch)
    step = Decide(rows, log, tables(), AnnouncedArrivals(), problem_table=FakeRows(ProblemState))
    done = dict.fromkeys(range(ISSUES.partitions), 0)
    while any(len(log.lane(partition)) > done[partition] for partition in done):
        for partition, start in done.items():
            if records := log.lane(partition)[start:]:
                step.handle(delivered(records))
            done[partition] = start + len(records)
    return {state.id: state for state in rows.every()}


def test_a_deadline_that_went_by_is_said_once_and_lands_in_the_issue(warehouse: Warehouse) -> None:
    log = FakeLog()
    watch = Watch(warehouse, log, tables())
    story = Story(name="watched").on_its_way()
    log.add(*story.log)
    assert decided(warehouse, log) == {story.id: story.state}
    clock = story.clock("acknowledge")
    assert watch.tick(clock.remind_at) == 0
    assert watch.tick(clock.remind_at + dt.timedelta(seconds=1)) == 1
    assert watch.tick(clock.due_at) == 1  # the highest share that is used up, and no other
    assert [event.data.mark for event in log.events() if isinstance(event, ClockReached)] == [
        "reminder",
        "warning",
    ]
    assert watch.tick(clock.due_at + dt.timedelta(seconds=1)) == 1
    assert watch.tick(clock.due_at + dt.timedelta(minutes=1)) == 0  # before decide has seen it
    breach = log.events()[-1]
    assert isinstance(breach, ClockBreached)
    assert (breach.data.clock_id, breach.data.due_at, breach.time) == (clock.id, clock.due_at, clock.due_at)
    state = decided(warehouse, log)[story.id]
    assert [one.state for one in state.clocks if one.id == clock.id] == ["breached"]
    assert watch.tick(clock.due_at + DAY) == 0
    again = Watch(warehouse, log, tables())
    assert again.tick(clock.due_at + DAY) == 0


def test_a_second_watcher_says_nothing_that_counts_twice(warehouse: Warehouse) -> None:
    log, story = FakeLog(), Story(name="two watchers").on_its_way()
    log.add(*story.log)
    decided(warehouse, log)
    late = story.clock("first_answer").due_at + DAY
    assert Watch(warehouse, log, tables()).tick(late) == 2
    assert Watch(warehouse, log, tables()).tick(late + DAY) == 2
    state = decided(warehouse, log)[story.id]
    breaches = [act for act in state.acts if act.type == "clock.breached"]
    assert len(breaches) == len({act.id for act in breaches}) == 2
    assert {act.refused for act in breaches} == {None}


def test_a_province_outside_the_scope_of_a_look_is_left_alone(warehouse: Warehouse) -> None:
    log, story = FakeLog(), Story(name="elsewhere").on_its_way()
    log.add(*story.log)
    decided(warehouse, log)
    late = story.clock("first_answer").due_at + DAY
    for scope in (Scope(without=frozenset(("38",))), Scope(only=frozenset(("40",)))):
        assert (
            Watch(warehouse, log, tables(), scope=partial(Scope, scope.only, scope.without)).tick(late) == 0
        )
    # The simulation of a province may end, or begin, while the rows are read.
    scopes = iter(
        (EVERYWHERE, Scope(without=frozenset(("38",))), Scope(without=frozenset(("38",))), EVERYWHERE)
    )
    changing = Watch(warehouse, log, tables(), scope=lambda: next(scopes))
    assert [changing.tick(late), changing.tick(late)] == [0, 0]
    assert Watch(warehouse, log, tables(), scope=lambda: Scope(only=frozenset(("38",)))).tick(late) == 2


def test_what_ended_is_not_watched(warehouse: Warehouse) -> None:
    log, story = FakeLog(), Story(name="over")
    story.withdraw()
    IssueTable(warehouse).save([LatestStates(story.state, Position("issues", 0, 1))])
    assert Watch(warehouse, log, tables()).tick(MORNING + 400 * DAY) == 0


def _land(warehouse: Warehouse, *events: Envelope) -> None:
    Land(warehouse).handle(
        [
            Delivered(
                Record(Position(SOURCES.name, 0, number), event.partition_key, b"", {}, APPENDED_AT), event
            )
            for number, event in enumerate(events)
        ]
    )


def heartbeat(at: dt.datetime, unit: str = "15607") -> SourceHeartbeat:
    return SourceHeartbeat(
        id=UUID(int=at.toordinal() * 10**9 + at.hour * 3600 + int(unit)),
        source=f"/vn/38/{unit}",
        subject=unit,
        partition_key=unit,
        time=at,
        recorded_at=at,
        data=Heartbeat(unit_code=unit, outbox_count=0, release="0.1.0"),
    )


def test_a_source_that_falls_silent_and_is_heard_again_is_said_so_once_each(warehouse: Warehouse) -> None:
    log = FakeLog()
    watch = Watch(warehouse, log, tables())
    _land(warehouse, heartbeat(MORNING), heartbeat(MORNING + dt.timedelta(hours=4), "14845"))
    assert watch.tick(MORNING + dt.timedelta(hours=4)) == 0
    assert watch.tick(MORNING + dt.timedelta(hours=4, minutes=1)) == 1
    assert watch.tick(MORNING + dt.timedelta(hours=4, minutes=2)) == 0
    (silent,) = log.events(SOURCES.name)
    assert isinstance(silent, SourceSilent)
    assert (silent.data.unit_code, silent.data.last_seen_at) == ("15607", MORNING)
    _land(warehouse, silent)
    assert Watch(warehouse, log, tables()).tick(MORNING + dt.timedelta(hours=5)) == 0
    _land(warehouse, heartbeat(MORNING + dt.timedelta(hours=6)))
    assert watch.tick(MORNING + dt.timedelta(hours=6, minutes=1)) == 1
    recovered = log.events(SOURCES.name)[-1]
    assert isinstance(recovered, SourceRecovered)
    _land(warehouse, recovered)
    assert Watch(warehouse, log, tables()).tick(MORNING + dt.timedelta(hours=7)) == 0
    assert watch.tick(MORNING + dt.timedelta(days=2)) == 2
