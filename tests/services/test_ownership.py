"""Partitions that nobody has: what is a fault and what is not, and what is done about it, by a clock of the test."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from events.errors import LogUnavailable
from services.boot.readiness import stream_checks
from services.consuming.ownership import END_SESSIONS, SAY_SESSIONS, OwnershipWatch, unowned
from services.consuming.progress import RunnerHealth

SESSION = 10.0
SAY, END = SAY_SESSIONS * SESSION, END_SESSIONS * SESSION
LOOK = 5.0


@dataclass
class Groups:
    """Group `decide` on a topic of four partitions; `owned` is what any of its members has, None while it is shared out."""

    owned_partitions: set[int] | None = field(default_factory=lambda: {0, 1, 2, 3})
    waiting: dict[int, int] = field(default_factory=dict)
    away: bool = False

    def owned(self, _group: str) -> dict[str, frozenset[int]] | None:
        if self.away:
            raise LogUnavailable("no broker answers")
        return None if self.owned_partitions is None else {"issues": frozenset(self.owned_partitions)}

    def end_positions(self, _topic: str) -> dict[int, int]:
        return dict.fromkeys(range(4), 100)

    def committed(self, _group: str, _topic: str) -> dict[int, int]:
        return {partition: 100 - self.waiting.get(partition, 0) for partition in range(4)}


class Run:
    """A watch, what it asked for, and seconds that pass."""

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self.now = 1_000.0
        self.rejoined: list[float] = []
        self.ended: list[str] = []
        self.watch = OwnershipWatch(
            groups,
            [("decide", "issues")],
            session_seconds=SESSION,
            monotonic=lambda: self.now,
            rejoin=lambda _group: self.rejoined.append(self.now),
            end=self.ended.append,
        )
        self.watch.look()

    def passes(self, seconds: float) -> None:
        """Let time pass, with a look every few seconds."""
        until = self.now + seconds
        while self.now < until:
            self.now += LOOK
            self.watch.look()


def test_a_group_whose_partitions_are_all_owned_has_no_fault_whoever_owns_them() -> None:
    run = Run(Groups(waiting={0: 7}))
    run.passes(10 * END)
    assert (run.watch.errors(), run.rejoined, run.ended) == ({}, [], [])


def test_an_empty_assignment_is_asked_for_again_then_said_and_at_last_ends_the_process() -> None:
    run = Run(Groups(owned_partitions=set(), waiting={0: 100, 3: 32}))
    run.passes(SAY - LOOK)
    assert (run.watch.errors(), run.rejoined, run.ended) == ({}, [], [])
    run.passes(LOOK)
    assert run.watch.errors() == {
        ("decide", "issues"): (
            f"nobody in group decide has partitions 0, 1, 2, 3 of issues for {SAY:.0f} s, where 132 records wait"
        )
    }
    assert len(run.rejoined) == 1
    run.passes(END - SAY - LOOK)
    assert run.ended == []
    assert len(run.rejoined) == END // SAY
    run.passes(LOOK)
    assert run.ended == [
        f"nobody in group decide has partitions 0, 1, 2, 3 of issues for {END:.0f} s, where 132 records wait"
    ]


def test_one_partition_left_out_is_a_fault_as_well() -> None:
    run = Run(Groups(owned_partitions={0, 1, 3}, waiting={2: 1}))
    run.passes(END)
    assert run.ended == [
        f"nobody in group decide has partition 2 of issues for {END:.0f} s, where 1 records wait"
    ]


def test_partitions_without_owner_and_without_records_are_asked_for_but_end_nothing() -> None:
    run = Run(Groups(owned_partitions=set()))
    run.passes(10 * END)
    assert run.rejoined
    assert run.ended == []


def test_what_is_owned_again_in_time_begins_anew() -> None:
    run = Run(Groups(owned_partitions=set(), waiting={0: 1}))
    run.passes(END - LOOK)
    run.groups.owned_partitions = {0, 1, 2, 3}
    run.passes(LOOK)
    assert run.watch.errors() == {}
    run.groups.owned_partitions = set()
    run.passes(END - LOOK)
    assert run.ended == []


def test_a_group_that_shares_out_its_partitions_is_well() -> None:
    run = Run(Groups(owned_partitions=None, waiting={0: 100}))
    run.passes(END)
    assert (run.watch.errors(), run.rejoined, run.ended) == ({}, [], [])


def test_brokers_that_do_not_answer_are_no_fault_of_a_group_and_its_time_begins_anew_when_they_do() -> None:
    run = Run(Groups(owned_partitions=set(), waiting={0: 100}))
    run.passes(END - LOOK)
    run.groups.away = True
    run.passes(END)
    assert (run.watch.errors(), run.ended) == ({}, [])
    run.groups.away = False
    run.passes(END - LOOK)
    assert run.ended == []


def test_readiness_says_which_group_has_partitions_that_nobody_owns() -> None:
    [lost] = unowned(Groups(owned_partitions={0, 1}, waiting={2: 3}), "decide", ["issues"]) or []
    lane = RunnerHealth("decide", "issues", "unowned", lost.sentence, 3, None, None, 0, 0)
    assert stream_checks(lambda: [lane])["streams"]() == (
        "decide on issues: nobody in group decide has partitions 2, 3 of issues, where 3 records wait"
    )


@pytest.mark.parametrize("waiting", [{}, {1: 5}])
def test_a_topic_of_which_every_partition_has_an_owner_is_not_named(waiting: dict[int, int]) -> None:
    assert unowned(Groups(waiting=waiting), "decide", ["issues"]) == []
