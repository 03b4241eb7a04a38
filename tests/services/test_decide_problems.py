"""The step `decide` with problems: through the log, in any cut, once more after a lost engine, the same states."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from events.log import Position
from events.topics import ISSUES
from reporting.issues.state import IssueState
from reporting.keyset import Turn
from reporting.problems.fold import ProblemState
from services.arrivals import AnnouncedArrivals
from services.maintenance.refold import IssuesProgress, Refold
from services.streams.decide import Decide, sweep
from services.streams.land import Land
from services.warehouse.client import Warehouse
from services.warehouse.folded import LatestStates
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemCount, ProblemFilter, ProblemTable, ProblemTally
from tests.histories import seeded
from tests.reporting.problem_stories import Shared
from tests.reporting.stories import tables
from tests.services.issue_log import FakeLog, FakeRows, cut, delivered

NOTHING_BELOW = dict.fromkeys(range(ISSUES.partitions), 10_000)


def story() -> Shared:
    """Three communes, one answer; one confirms, one disputes, one is unjoined and comes back."""
    shared = Shared("bat mot", "van xuan", "muong lat")
    shared.open()
    for name in shared.issues:
        shared.issue(name).taken_on()
        shared.join(name)
    shared.answer("solved")
    shared.issue("bat mot").confirm()
    shared.issue("van xuan").dispute()
    shared.unjoin("muong lat")
    shared.join("muong lat")
    return shared


def people_of(shared: Shared) -> list[Any]:
    """Return what people said, log by log; all else follows from it."""
    logs = [shared.log, *(issue.log for issue in shared.issues.values())]
    return [[event for event in log if event.actor_role != "system"] for log in logs]


class Desk:
    """The step over a log and rows in memory, run until nothing is left to fold."""

    def __init__(self, **options: Any) -> None:
        self.log = FakeLog()
        self.issues, self.problems = FakeRows(IssueState), FakeRows(ProblemState)
        self.step = Decide(
            self.issues, self.log, tables(), AnnouncedArrivals(), problem_table=self.problems, **options
        )

    def run(self, seed: int = 0) -> Desk:
        rng, done = seeded(seed), dict.fromkeys(range(ISSUES.partitions), 0)
        while any(len(self.log.lane(partition)) > done[partition] for partition in done):
            for partition in done:
                records = self.log.lane(partition)[done[partition] :]
                for batch in cut(records, rng):
                    self.step.handle(batch)
                done[partition] += len(records)
        return self

    def essence(self) -> Any:
        return (
            {
                one: (state.state, state.joined and (state.joined.joined_by, state.joined.number))
                for one, state in self.issues.states().items()
            },
            {
                one: (state.state, {member.joined_by for member in state.members}, state.gone)
                for one, state in self.problems.states().items()
            },
        )


def expected(shared: Shared) -> Any:
    return (
        {
            one.id: (
                one.state.state,
                one.state.joined and (one.state.joined.joined_by, one.state.joined.number),
            )
            for one in shared.issues.values()
        },
        {
            shared.id: (
                shared.state.state,
                {member.joined_by for member in shared.state.members},
                shared.state.gone,
            )
        },
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_the_whole_log_in_any_cut_gives_the_states_and_says_nothing_new(seed: int) -> None:
    shared, desk = story(), Desk()
    echo = FakeLog()
    for log in [shared.log, *(issue.log for issue in shared.issues.values())]:
        desk.log.add(*log)
    before = {event.id for event in desk.log.events()}
    silent = Decide(desk.issues, echo, tables(), AnnouncedArrivals(), problem_table=desk.problems)
    for partition in range(ISSUES.partitions):
        for batch in cut(desk.log.lane(partition), seeded(seed)):
            silent.handle(batch)
    assert desk.essence() == expected(shared)
    assert {event.id for event in echo.events()} <= before


def test_what_people_say_brings_about_everything_else() -> None:
    shared, desk = Shared("bat mot", "van xuan"), Desk()
    shared.open()
    for name in shared.issues:
        shared.join(name)
    shared.answer("solved")
    for log in people_of(shared):
        desk.log.add(*log)
    desk.run()
    assert desk.essence() == expected(shared)


def test_a_catch_up_says_nothing_and_the_sweep_says_what_was_never_said() -> None:
    shared, desk = Shared("bat mot", "van xuan"), Desk(emit_from=NOTHING_BELOW)
    shared.open()
    for name in shared.issues:
        shared.join(name)
    shared.answer("solved")
    for log in people_of(shared):
        desk.log.add(*log)
    length = len(desk.log.events())
    desk.run()
    assert len(desk.log.events()) == length
    while sweep(desk.issues.states().values(), desk.problems, desk.log, tables()):
        desk.run()
    assert desk.essence() == expected(shared)


def test_after_the_sweep_of_a_whole_log_there_is_nothing_to_say() -> None:
    shared, desk = story(), Desk(emit_from=NOTHING_BELOW)
    for log in [shared.log, *(issue.log for issue in shared.issues.values())]:
        desk.log.add(*log)
    desk.run()
    assert sweep(desk.issues.states().values(), desk.problems, desk.log, tables()) == 0


@pytest.mark.warehouse
def test_rows_facts_and_a_rebuild_agree_and_the_counts_are_apart(warehouse: Warehouse) -> None:
    shared, log = story(), FakeLog()
    for events in [shared.log, *(issue.log for issue in shared.issues.values())]:
        log.add(*events)
    issues, problems = IssueTable(warehouse), ProblemTable(warehouse)
    step = Decide(issues, FakeLog(), tables(), AnnouncedArrivals(), problem_table=problems)
    for partition in range(ISSUES.partitions):
        Land(warehouse).handle(delivered(log.lane(partition)))
        step.handle(delivered(log.lane(partition)))
    assert problems.get(shared.id) == shared.state
    assert [one.id for one in problems.list(ProblemFilter(scopes=("38",)))] == [shared.id]
    assert problems.list(ProblemFilter(scopes=("01",))) == []
    assert problems.list(ProblemFilter(least_provinces=2)) == []
    counted = dict.fromkeys(("claimed_count", "confirmed_count", "disputed_count"), 1)
    assert problems.counts([shared.id])[shared.id] == ProblemCount(
        problem_id=shared.id, member_count=3, answered_count=3, unit_count=1, province_count=1, **counted
    )
    columns = "SELECT problem_id, epoch, topic, partition, offset FROM problems_current FINAL"
    before = warehouse.rows(columns)
    for table in ("problems_current", "issues_current"):
        warehouse.command(f"TRUNCATE TABLE {table}")
    done = dict.fromkeys(range(ISSUES.partitions), 10_000)
    again = Refold(warehouse, lambda: IssuesProgress(1, done, done)).run()
    assert (again.corrected, again.left) == (len(shared.issues) + 1, 0)
    assert problems.get(shared.id) == shared.state
    assert warehouse.rows(columns) == before


def test_a_list_has_no_end_of_its_own_and_its_pages_hold_each_problem_once(warehouse: Warehouse) -> None:
    problems, shared = ProblemTable(warehouse), story().state
    states = [
        replace(
            shared,
            id=UUID(int=number),
            state="closed" if number % 3 == 0 else "open",
            opened_at=shared.opened_at + dt.timedelta(minutes=number // 2),
        )
        for number in range(501)
    ]
    problems.save([LatestStates(one, Position("issues", 0, 0)) for one in states])
    assert len(problems.list()) == len(states)
    assert problems.tally() == ProblemTally(501, 334, frozenset({shared.kind}))
    live = ProblemFilter(scopes=("38",), live_only=True)
    down = [problems.page(live, Turn(), 100)]
    while (turn := down[-1].next) is not None:
        down.append(problems.page(live, turn, 100))
    up = [down[-1]]
    while (turn := up[-1].previous) is not None:
        up.append(problems.page(live, turn, 100))
    assert [len(one.rows) for one in down] == [100, 100, 100, 34]
    assert [one.id for page in down for one in page.rows] == [
        one.id for page in up[::-1] for one in page.rows
    ]
    assert len({one.id for page in down for one in page.rows}) == 334
    assert down[0].previous is None
    assert problems.page(live, Turn(after="bogus"), 100).rows == down[0].rows


@pytest.mark.warehouse
def test_rows_are_read_by_their_ids_alone(warehouse: Warehouse) -> None:
    assert ProblemTable(warehouse).load([]) == {}
    assert ProblemTable(warehouse).get(UUID(int=7)) is None
