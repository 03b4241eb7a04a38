"""Rows of issues corrected in place, with `decide` at work at every step: what it writes afterwards is right, too."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
import pytest

from events.log import Record
from events.topics import ISSUES, partition_for
from reporting.issues.state import IssueState
from reporting.problems.fold import ProblemState
from services.arrivals import AnnouncedArrivals
from services.maintenance.refold import IssuesProgress, Refold, Tallied
from services.streams.decide import Decide
from services.streams.land import Land
from services.warehouse.client import Warehouse
from services.warehouse.folded import LatestStates, row_version
from services.warehouse.issue_table import IssueTable
from tests.histories import seeded
from tests.reporting.stories import Story, tables
from tests.services.issue_log import FakeLog, FakeRows, delivered
from tests.services.test_decide import STORIES, shuffled, stories_of
from tests.services.test_land import empty

pytestmark = pytest.mark.warehouse
EPOCH = 4


def wrong(state: IssueState) -> IssueState:
    """Return the state as a release with a fault in its rules might have folded it."""
    return msgspec.structs.replace(state, state="withdrawn", holder_body="nobody", acts=state.acts[:-1])


class Streams:
    """`land` and `decide` over a log in memory, driven step by step; `decide` stops where a test wants it to."""

    def __init__(self, warehouse: Warehouse, log: FakeLog) -> None:
        self.warehouse, self.log = warehouse, log
        self.rows = IssueTable(warehouse, epoch=EPOCH)
        self.landed: dict[int, int] = {}
        self.decided: dict[int, int] = {}
        self.held_back: list[Callable[[], None]] = []

    def progress(self) -> IssuesProgress:
        return IssuesProgress(EPOCH, dict(self.landed), dict(self.decided))

    def ends(self) -> dict[int, int]:
        return {number: len(self.log.lane(number)) for number in range(ISSUES.partitions)}

    def append(self, story: Story) -> int:
        """Append what happened in a story, and return its partition."""
        self.log.add(*story.log)
        return partition_for(str(story.id), ISSUES.partitions)

    def land(self, partition: int, count: int = 1_000) -> None:
        batch = self._next(self.landed, partition, count)
        if batch:
            Land(self.warehouse, epoch=EPOCH).handle(delivered(batch))
            self.landed[partition] = batch[-1].position.offset + 1

    def decide(self, partition: int, count: int = 1_000) -> None:
        self.begin(partition, count)
        self.finish()

    def begin(self, partition: int, count: int = 1_000) -> None:
        """Let `decide` read rows and fold a batch; what it writes, and its position, are held back."""
        batch = self._next(self.decided, partition, count)
        if not batch:
            return
        saved: list[Sequence[LatestStates[IssueState]]] = []
        rows = HoldingBack(self.rows, saved)
        Decide(rows, FakeLog(), tables(), AnnouncedArrivals(), problem_table=FakeRows(ProblemState)).handle(
            delivered(batch)
        )

        def finish() -> None:
            for folded in saved:
                self.rows.save(folded)
            self.decided[partition] = max(self.decided.get(partition, 0), batch[-1].position.offset + 1)

        self.held_back.append(finish)

    def finish(self) -> None:
        for write in self.held_back:
            write()
        self.held_back = []

    def settle(self) -> None:
        self.finish()
        for partition in range(ISSUES.partitions):
            self.land(partition)
            self.decide(partition)

    def refold(self, between: Callable[[str], None] = lambda _step: None, **options: Any) -> Tallied:
        pauses = itertools.count(1)

        def pause(_seconds: float) -> None:
            if next(pauses) >= 3:  # the streams take their time
                self.settle()

        return Refold(
            self.warehouse, self.progress, ends=self.ends, pause=pause, between=between, **options
        ).run()

    def _next(self, done: dict[int, int], partition: int, count: int) -> list[Record]:
        start = done.get(partition, 0)
        return self.log.lane(partition)[start : start + count]


class HoldingBack:
    """Rows that are read at once and written when the test says so."""

    def __init__(self, rows: IssueTable, saved: list[Sequence[LatestStates[IssueState]]]) -> None:
        self._rows, self._saved = rows, saved

    def load(self, ids: Iterable[UUID]) -> dict[UUID, LatestStates[IssueState]]:
        return self._rows.load(ids)

    def save(self, folded: Sequence[LatestStates[IssueState]]) -> None:
        self._saved.append(folded)


def spoil(warehouse: Warehouse, ids: Iterable[UUID]) -> None:
    """Put a wrong state into rows, at the record at which they stand, as a release with a fault would have."""
    rows = IssueTable(warehouse)
    held = rows.load(ids)
    warehouse.command("DELETE FROM issues_current WHERE issue_id IN {ids:Array(UUID)}", ids=list(held))
    rows.save([replace(one, state=wrong(one.state)) for one in held.values()])


def states(warehouse: Warehouse) -> dict[UUID, IssueState]:
    return {state.id: state for state in IssueTable(warehouse).every()}


def right(stories: Iterable[Story]) -> dict[UUID, IssueState]:
    return {story.id: story.state for story in stories}


@pytest.fixture
def streams(warehouse: Warehouse) -> Streams:
    return Streams(warehouse, FakeLog())


def test_rows_that_are_right_are_left_alone(streams: Streams) -> None:
    streams.log.add(*shuffled([story.log for story in STORIES], seeded(3), doubles=0.2))
    streams.settle()
    before = streams.warehouse.rows("SELECT * FROM issues_current FINAL ORDER BY issue_id")
    found = streams.refold()
    assert (found.looked_at, found.corrected, found.left) == (len(STORIES), 0, 0)
    assert streams.warehouse.rows("SELECT * FROM issues_current FINAL ORDER BY issue_id") == before


def test_a_wrong_row_is_corrected_at_its_place_and_a_lost_one_is_written(streams: Streams) -> None:
    streams.log.add(*shuffled([story.log for story in STORIES], seeded(4), doubles=0.2))
    streams.settle()
    places = "SELECT issue_id, epoch, partition, offset FROM issues_current FINAL ORDER BY issue_id"
    before = streams.warehouse.rows(places)
    spoil(streams.warehouse, [story.id for story in STORIES[:5]])
    streams.warehouse.command("DELETE FROM issues_current WHERE issue_id = {id:UUID}", id=STORIES[7].id)
    found = streams.refold()
    assert (found.corrected, found.left) == (6, 0)
    assert states(streams.warehouse) == right(STORIES)
    assert streams.warehouse.rows(places) == before
    assert streams.refold().corrected == 0


def test_a_row_of_which_only_a_column_is_wrong_is_corrected(streams: Streams) -> None:
    streams.log.add(*STORIES[0].log)
    streams.settle()
    streams.warehouse.command(
        "INSERT INTO issues_current SELECT * REPLACE ('40' AS province_code) FROM issues_current FINAL"
    )
    assert streams.refold().corrected == 1
    rows = streams.warehouse.rows("SELECT province_code FROM issues_current FINAL")
    assert rows == [{"province_code": "38"}]


def test_what_decide_has_not_taken_up_is_not_folded_before_it(streams: Streams) -> None:
    """Its follow-ups would never be said: `decide` would find the event known."""
    story = STORIES[0]
    partition = streams.append(story)
    streams.land(partition)
    streams.decide(partition, 2)
    before = states(streams.warehouse)
    assert streams.refold().corrected == 0
    assert states(streams.warehouse) == before


def test_a_row_ahead_of_the_facts_waits_for_them(streams: Streams) -> None:
    story = STORIES[0]
    partition = streams.append(story)
    streams.decide(partition)
    streams.land(partition, 3)
    spoil(streams.warehouse, [story.id])
    found = streams.refold()
    assert (found.corrected, found.left) == (1, 0)
    assert states(streams.warehouse) == right([story])


def test_where_no_stream_runs_what_cannot_be_ended_is_named(streams: Streams) -> None:
    story = STORIES[0]
    partition = streams.append(story)
    streams.decide(partition)
    streams.land(partition, 3)
    found = Refold(streams.warehouse, streams.progress).run()
    assert (found.corrected, found.left) == (0, 1)
    assert "1 left" in found.line()


@pytest.mark.parametrize("step", ["rows", "facts", "save"])
def test_a_decide_that_read_the_wrong_row_and_writes_late_is_caught(streams: Streams, step: str) -> None:
    story = STORIES[0]
    partition = streams.append(story)
    streams.land(partition)
    streams.decide(partition, len(story.log) - 2)
    spoil(streams.warehouse, [story.id])
    done: list[str] = []

    def between(came: str) -> None:
        if came == step and not done:
            done.append(came)
            streams.begin(partition)  # it writes in a pause after the correction

    assert streams.refold(between).left == 0
    streams.settle()
    assert states(streams.warehouse) == right([story])


def test_a_zombie_that_read_the_wrong_row_loses_to_who_went_on_from_the_corrected_one(
    streams: Streams,
) -> None:
    story = STORIES[0]
    partition = streams.append(story)
    streams.land(partition)
    streams.decide(partition, len(story.log) - 2)
    spoil(streams.warehouse, [story.id])
    streams.begin(partition)
    zombie, streams.held_back = streams.held_back, []
    assert Refold(streams.warehouse, streams.progress).run().corrected == 1
    streams.decide(partition)
    for write in zombie:
        write()
    assert states(streams.warehouse) == right([story])


@pytest.mark.parametrize("seed", range(12))
def test_decide_land_and_a_refold_interleaved_anyhow_end_on_the_replay_of_the_log(
    warehouse_module: Warehouse, seed: int
) -> None:
    empty(warehouse_module)
    rng, stories = seeded(seed), stories_of(6)
    log = FakeLog()
    events = shuffled([story.log for story in stories], rng, doubles=0.2)
    streams = Streams(warehouse_module, log)
    half = rng.randint(1, len(events))
    log.add(*events[:half])
    streams.settle()
    spoil(streams.warehouse, [story.id for story in stories if rng.random() < 0.6])
    waiting = events[half:]

    def move(_step: str = "") -> None:
        for _ in range(rng.randint(0, 3)):
            partition, count = rng.randrange(ISSUES.partitions), rng.randint(1, 4)
            act = rng.choice(("append", "append", "land", "begin", "finish"))
            if act == "append" and waiting:
                log.add(waiting.pop(0))
            elif act == "land":
                streams.land(partition, count)
            elif act == "begin" and not streams.held_back:
                streams.begin(partition, count)
            elif act == "finish":
                streams.finish()

    def pause(_seconds: float) -> None:
        for _ in range(20):
            move()
        if rng.random() < 0.5:
            streams.settle()

    found = Refold(warehouse_module, streams.progress, ends=streams.ends, pause=pause, between=move).run()
    assert found.left == 0
    log.add(*waiting)
    streams.settle()
    assert states(warehouse_module) == right(stories)


def test_a_new_event_wins_over_a_row_of_the_release_before_and_so_does_a_correction() -> None:
    before = EPOCH << 48 | 70_000
    assert row_version(EPOCH, 70_001, 0) > before
    assert row_version(EPOCH, 70_000, 1) > before
    assert row_version(EPOCH, 70_000, 300) < row_version(EPOCH, 70_001, 0)
    assert row_version(EPOCH + 1, 0, 0) > row_version(EPOCH, 2**40 - 1, 255)


def test_a_row_of_the_release_before_is_corrected_and_folded_on(streams: Streams) -> None:
    story = STORIES[0]
    partition = streams.append(story)
    streams.land(partition)
    streams.decide(partition, 4)
    spoil(streams.warehouse, [story.id])
    streams.warehouse.command(
        "INSERT INTO issues_current SELECT * REPLACE (bitShiftLeft(toUInt64(epoch), 48) + offset AS row_version)"
        " FROM issues_current FINAL"
    )
    streams.warehouse.command("DELETE FROM issues_current WHERE row_version % 256 = 0 AND offset > 0")
    assert Refold(streams.warehouse, streams.progress).run().corrected == 1
    streams.decide(partition)
    assert states(streams.warehouse) == right([story])
