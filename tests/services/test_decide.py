"""The step `decide`: whatever the cut, the order across issues and the repetitions, the rows come out the same."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.envelope import Envelope
from events.topics import ISSUES
from reporting.issues.fold import fold_all
from reporting.issues.state import IssueState, Outcome
from reporting.problems.fold import ProblemState
from services.arrivals import AnnouncedArrivals
from services.streams.decide import Decide, sweep
from services.warehouse.issue_table import IssueTable
from tests.histories import seeded
from tests.reporting.stories import CHAIR, OFFICER, REVIEWER, Story, document, tables
from tests.services.issue_log import FakeLog, FakeRows, cut, delivered

NOTHING_BELOW = dict.fromkeys(range(ISSUES.partitions), 10_000)


def confirmed(name: str) -> Story:
    story = Story(name=name).taken_on()
    story.answer("solved")
    story.confirm()
    return story


def quarrel(name: str) -> Story:
    story = Story(name=name).on_its_way()
    story.give_back()
    story.arbitrate("38.so_cong_thuong")
    helper = {"actor_role": "department_officer", "actor_unit": "38", "actor_body": "38.so_cong_thuong"}
    story.accept(helper)
    story.answer("solved", helper, expected_version=1)
    story.answer("waiting_resources", helper, document=document())
    story.dispute()
    return story


def asked_for_support(name: str) -> Story:
    story = Story("one_stop_system_error", name=name)
    story.approve(CHAIR, Story(name="alien").root)
    story.answer("guidance", REVIEWER)
    return story


def withdrawn(name: str) -> Story:
    story = Story(name=name).on_its_way()
    story.withdraw()
    story.withdraw()
    return story


SHAPES: tuple[Callable[[str], Story], ...] = (
    confirmed,
    quarrel,
    asked_for_support,
    withdrawn,
    lambda name: Story("third_vice_chair", name=name),
    lambda name: Story("digital_illiteracy", name=name),
)


def stories_of(count: int) -> list[Story]:
    return [SHAPES[number % len(SHAPES)](f"story {number}") for number in range(count)]


STORIES = stories_of(12)


def shuffled(logs: list[list[Envelope]], rng: random.Random, *, doubles: float) -> list[Envelope]:
    """Interleave logs at random, keeping the order within each, and let earlier events stand in the log again."""
    queues = [list(reversed(log)) for log in logs]
    found: list[Envelope] = []
    while any(queues):
        queue = rng.choice([one for one in queues if one])
        found.append(queue.pop())
        if rng.random() < doubles:
            found.append(rng.choice(found))
    return found


def decide(rows: FakeRows[IssueState] | IssueTable, log: FakeLog, **options: object) -> Decide:
    options.setdefault("problem_table", FakeRows(ProblemState))
    return Decide(rows, log, tables(), options.pop("arrivals", AnnouncedArrivals()), **options)  # type: ignore[arg-type]


def drain(step: Decide, log: FakeLog, done: dict[int, int], rng: random.Random | None = None) -> None:
    """Hand over everything that is in the log, and what that brings about, until nothing is left."""
    rng = rng or seeded(0)
    moved = True
    while moved:
        moved = False
        for partition in range(ISSUES.partitions):
            records = log.lane(partition)[done.get(partition, 0) :]
            for batch in cut(records, rng):
                moved = True
                step.handle(batch)
            done[partition] = done.get(partition, 0) + len(records)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 11), min_size=1, max_size=8, unique=True))
def test_any_order_across_issues_any_doubles_and_any_cut_give_the_same_rows(
    seed: int, chosen: list[int]
) -> None:
    rng = seeded(seed)
    stories = [STORIES[number] for number in chosen]
    log, rows, echo = FakeLog(), FakeRows(IssueState), FakeLog()
    log.add(*shuffled([story.log for story in stories], rng, doubles=0.2))
    step = decide(rows, echo)
    for partition in range(ISSUES.partitions):
        for batch in cut(log.lane(partition), rng):
            step.handle(batch)
    assert rows.states() == {story.id: story.state for story in stories}
    # What it said on the way is what stands in the log already.
    assert {event.id for event in echo.events()} <= {event.id for event in log.events()}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 5))
def test_what_people_do_one_after_another_brings_about_the_same_in_any_cut(seed: int, shape: int) -> None:
    rng = seeded(seed)
    story = STORIES[shape]
    log, rows = FakeLog(), FakeRows(IssueState)
    step, done = decide(rows, log), dict[int, int]()
    said = {event.id for event in story.said}
    for event in story.log:
        if event.id not in said:
            log.add(event)
            drain(step, log, done, rng)
    assert rows.states() == {story.id: story.state}
    assert {event.id for event in log.events()} == {event.id for event in story.log}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_acts_that_come_before_the_follow_ups_are_decided_the_same_in_any_cut(seed: int) -> None:
    """A commune that reports and withdraws at once: the verdict comes too late, and is told so, in every cut."""
    rng = seeded(seed)
    story = withdrawn("hasty")
    acts = [event for event in story.log if event.id not in {one.id for one in story.said}]
    found = set()
    for _ in range(3):
        log, rows = FakeLog(), FakeRows(IssueState)
        log.add(*acts)
        drain(decide(rows, log), log, {}, rng)
        found.add(rows.rows[story.id][1])
    assert len(found) == 1


def test_a_replay_gives_the_same_rows_and_says_nothing() -> None:
    log, echo = FakeLog(), FakeLog()
    log.add(*shuffled([story.log for story in STORIES], seeded(7), doubles=0.1))
    rows = FakeRows(IssueState)
    step = decide(rows, echo, emit_from=NOTHING_BELOW)
    for partition in range(ISSUES.partitions):
        step.handle(delivered(log.lane(partition)))
    assert rows.states() == {story.id: story.state for story in STORIES}
    assert echo.partitions == {}
    assert sweep(rows.states().values(), FakeRows(ProblemState), echo, tables()) == 0


def test_a_sweep_after_a_catch_up_says_what_is_still_owed() -> None:
    story = Story(name="caught up")
    log, rows = FakeLog(), FakeRows(IssueState)
    log.add(story.log[0])
    partition = next(iter(log.partitions))[1]
    decide(rows, log, emit_from=NOTHING_BELOW).handle(delivered(log.lane(partition)))
    assert rows.states()[story.id].verdict is None
    assert sweep(rows.states().values(), FakeRows(ProblemState), log, tables()) == len(story.said)
    drain(decide(rows, log), log, {})
    assert rows.states() == {story.id: story.state}


def test_from_the_position_where_the_catch_up_ends_it_speaks_again() -> None:
    old, new = Story(name="old"), Story(name="new")
    log, echo, rows = FakeLog(), FakeLog(), FakeRows(IssueState)
    log.add(old.log[0])
    ends = {partition: len(lane) for (_, partition), lane in log.partitions.items()}
    log.add(new.log[0])
    step = decide(rows, echo, emit_from={**dict.fromkeys(range(ISSUES.partitions), 0), **ends})
    for partition in range(ISSUES.partitions):
        step.handle(delivered(log.lane(partition)))
    assert {event.subject for event in echo.events()} == {str(new.id)}


def test_follow_ups_are_in_the_log_before_the_row_is_written() -> None:
    story = Story(name="crash")
    log, rows = FakeLog(), FakeRows(IssueState)
    log.add(story.log[0])
    partition = next(iter(log.partitions))[1]
    step = decide(rows, log)
    rows.fails = 1
    with pytest.raises(ConnectionError):
        step.handle(delivered(log.lane(partition)[:1]))
    assert rows.rows == {}
    assert len(log.events()) == 1 + len(story.said)
    drain(step, log, {})
    assert rows.states() == {story.id: story.state}
    assert len(log.events()) == 1 + 2 * len(story.said)  # said twice, counted once


def test_without_a_log_nothing_is_written() -> None:
    story = Story(name="no log")
    log, rows = FakeLog(), FakeRows(IssueState)
    log.add(story.log[0])
    partition = next(iter(log.partitions))[1]
    log.fails = 1
    with pytest.raises(ConnectionError):
        decide(rows, log).handle(delivered(log.lane(partition)))
    assert rows.rows == {}


def test_a_batch_that_changes_nothing_writes_nothing() -> None:
    story = confirmed("again")
    log, rows = FakeLog(), FakeRows(IssueState)
    log.add(*story.log)
    partition = next(iter(log.partitions))[1]
    step = decide(rows, FakeLog())
    step.handle(delivered(log.lane(partition)))
    step.handle(delivered(log.lane(partition)))
    step.handle(delivered(log.lane(partition)[:3]))
    assert rows.inserts == 1
    assert rows.states() == {story.id: story.state}


def test_an_author_hears_what_became_of_an_event_once_its_row_is_there() -> None:
    story = Story(name="heard")
    refused = uuid4()
    story.approve(OFFICER, id=refused)
    log, rows, arrivals = FakeLog(), FakeRows(IssueState), AnnouncedArrivals()
    log.add(*story.log)
    partition = next(iter(log.partitions))[1]
    heard: list[tuple[Outcome | None, bool]] = []

    def wait() -> None:
        heard.append((arrivals.wait_for(refused, 5.0, subject=story.id), story.id in rows.rows))

    waiting = threading.Thread(target=wait)
    waiting.start()
    decide(rows, FakeLog(), arrivals=arrivals).handle(delivered(log.lane(partition)))
    waiting.join(10)
    assert heard == [(Outcome(accepted=False, reason_code="actor_not_entitled"), True)]
    told_first = arrivals.wait_for(story.log[0].id, 0, subject=story.id)
    assert told_first is not None
    assert told_first.accepted
    assert arrivals.wait_for(uuid4(), 0.01, subject=uuid4()) is None


def test_arrivals_forget_what_is_long_ago() -> None:
    arrivals = AnnouncedArrivals(remembered=2)
    ids = [uuid4() for _ in range(3)]
    arrivals.announce([(one, Outcome(accepted=True)) for one in ids])
    assert arrivals.wait_for(ids[0], 0, subject=uuid4()) is None
    assert arrivals.wait_for(ids[2], 0, subject=uuid4()) is not None


def test_an_event_about_an_issue_that_was_never_reported_leaves_no_row() -> None:
    story = Story(name="headless")
    log, rows, arrivals = FakeLog(), FakeRows(IssueState), AnnouncedArrivals()
    log.add(story.log[1])
    partition = next(iter(log.partitions))[1]
    decide(rows, log, arrivals=arrivals).handle(delivered(log.lane(partition)))
    assert rows.rows == {}
    outcome = arrivals.wait_for(story.log[1].id, 0, subject=story.id)
    assert outcome is not None
    assert outcome.reason_code == "unknown_issue"


def test_a_day_that_the_tables_do_not_cover_stops_no_other_issue(capsys: pytest.CaptureFixture[str]) -> None:
    ancient = (
        Story(name="ancient")
        .log[0]
        .model_copy(update={name: dt.datetime(1999, 3, 1, tzinfo=dt.UTC) for name in ("time", "recorded_at")})
    )
    other = Story(name="another day")
    log, rows = FakeLog(), FakeRows(IssueState)
    log.add(ancient, other.log[0])
    drain(decide(rows, log), log, {})
    assert rows.states()[other.id] == other.state
    assert UUID(ancient.subject) in rows.rows
    assert "no follow-up for an issue" in capsys.readouterr().out


def test_the_rows_of_a_whole_history_are_its_fold() -> None:
    for story in STORIES:
        assert fold_all(story.log) == story.state
        assert IssueState.from_json(story.state.to_json()) == story.state
