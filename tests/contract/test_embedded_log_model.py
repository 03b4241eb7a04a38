"""The embedded log beside a model of it, under any order of appends, polls, commits, joins, departures and deaths."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from events.log import Consumer, Message, Position, Record
from services.log.sqlite import SqliteLog

TOPIC = "issues"
GROUPS = ("land", "decide")


class LogMachine(RuleBasedStateMachine):
    """What is promised: nothing is committed that was not delivered, nothing is lost, and positions only grow."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.appended: dict[Position, bytes] = {}
        self.delivered: dict[str, set[Position]] = defaultdict(set)
        self.committed: dict[str, dict[int, int]] = {}
        self.members: list[tuple[str, Consumer]] = []
        self.in_hand: dict[int, Sequence[Record]] = defaultdict(list)
        self.redeliver: random.Random | None = None
        self.log: SqliteLog

    @initialize(redeliver=st.none() | st.integers(0, 100))
    def open(self, redeliver: int | None) -> None:
        if redeliver is not None:
            self.redeliver = random.Random(redeliver)
        self.log = SqliteLog(self.folder / "events.db", redeliver=self.redeliver)

    @rule(keys=st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=12))
    def append(self, keys: list[str]) -> None:
        messages = [Message(key, f"{key}{n}-{len(self.appended)}".encode()) for n, key in enumerate(keys)]
        positions = self.log.append(TOPIC, messages)
        self.appended |= {p: message.value for p, message in zip(positions, messages, strict=True)}

    @rule(group=st.sampled_from(GROUPS))
    def join(self, group: str) -> None:
        if len(self.members) < 5:
            self.members.append((group, self.log.open_consumer(group, [TOPIC])))

    @rule(number=st.integers(0, 4), most=st.integers(1, 20))
    def poll(self, number: int, most: int) -> None:
        if number < len(self.members):
            group, member = self.members[number]
            self.in_hand[number] = self.take(group, member, most)

    @rule(number=st.integers(0, 4), share=st.integers(1, 20))
    def commit(self, number: int, share: int) -> None:
        if number < len(self.members):
            self.members[number][1].commit(self.in_hand[number][:share])

    @rule(number=st.integers(0, 4))
    def rewind(self, number: int) -> None:
        if number < len(self.members):
            self.members[number][1].rewind()

    @rule(number=st.integers(0, 4))
    def leave(self, number: int) -> None:
        if number < len(self.members):
            self.members[number][1].close()
            del self.members[number]
            self.in_hand.clear()

    @rule()
    def die_and_come_back(self) -> None:
        self.log.close()
        self.members.clear()
        self.in_hand.clear()
        self.log = SqliteLog(self.folder / "events.db", redeliver=self.redeliver)

    @invariant()
    def only_what_was_delivered_is_committed_and_positions_grow(self) -> None:
        for group in GROUPS:
            now = self.log.committed(group, TOPIC)
            before = self.committed.get(group, {})
            assert all(now[partition] >= position for partition, position in before.items())
            self.committed[group] = now
            finished = {p for p in self.appended if p.offset < now[p.partition]}
            assert finished <= self.delivered[group]

    @invariant()
    def the_ends_are_those_of_the_model(self) -> None:
        ends = self.log.end_positions(TOPIC)
        assert sum(ends.values()) == len(self.appended)
        assert all(position.offset < ends[position.partition] for position in self.appended)

    def take(self, group: str, member: Consumer, most: int) -> Sequence[Record]:
        records = member.poll(most, 0)
        assert len(records) <= most
        last: dict[int, int] = {}
        for record in records:
            position = record.position
            assert record.value == self.appended[position]
            assert position.offset == last.get(position.partition, position.offset - 1) + 1
            last[position.partition] = position.offset
        self.delivered[group] |= {record.position for record in records}
        return records

    def teardown(self) -> None:
        for _, member in self.members:
            member.close()
        for group in GROUPS:
            last = self.log.open_consumer(group, [TOPIC])
            while self.log.committed(group, TOPIC) != self.log.end_positions(TOPIC):
                last.commit(self.take(group, last, 50))
            assert self.delivered[group] == set(self.appended)
        self.log.close()
        shutil.rmtree(self.folder)


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
