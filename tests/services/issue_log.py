"""A log and rows of issues in memory, and a driver that hands the log to `decide` in any cut."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from events.codec import decode, encode
from events.envelope import Envelope
from events.log import Message, Position, Record
from events.topics import ISSUES, partition_for
from reporting.issues.state import IssueState
from reporting.problems.fold import ProblemState
from services.consuming.step import Delivered
from services.warehouse.folded import LatestStates

APPENDED_AT = dt.datetime(2025, 10, 13, tzinfo=dt.UTC)


class FakeLog:
    """Partitions of one topic as lists; only what `decide` and `watch` use."""

    def __init__(self) -> None:
        self.partitions: dict[tuple[str, int], list[Record]] = {}
        self.fails = 0

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        if self.fails:
            self.fails -= 1
            raise ConnectionError("the log is away")
        found = []
        for message in messages:
            partition = partition_for(message.key, ISSUES.partitions)
            lane = self.partitions.setdefault((topic, partition), [])
            position = Position(topic, partition, len(lane))
            lane.append(Record(position, message.key, message.value, {}, APPENDED_AT))
            found.append(position)
        return found

    def add(self, *events: Envelope) -> None:
        self.append(ISSUES.name, [Message(event.partition_key, encode(event)) for event in events])

    def lane(self, partition: int, topic: str = ISSUES.name) -> list[Record]:
        return self.partitions.get((topic, partition), [])

    def events(self, topic: str = ISSUES.name) -> list[Envelope]:
        return [decode(r.value) for (name, _), lane in self.partitions.items() if name == topic for r in lane]


State = TypeVar("State", IssueState, ProblemState)


class FakeRows(Generic[State]):
    """Rows of issues or problems as JSON in a dict: the highest version wins, whenever it comes."""

    def __init__(self, kind: type[State]) -> None:
        self.kind: Any = kind
        self.rows: dict[UUID, tuple[LatestStates[State], bytes]] = {}
        self.inserts = 0
        self.fails = 0

    def load(self, ids: Iterable[UUID]) -> dict[UUID, LatestStates[State]]:
        return {
            one: replace(self.rows[one][0], state=self.kind.from_json(self.rows[one][1]))
            for one in ids
            if one in self.rows
        }

    def save(self, folded: Sequence[LatestStates[State]]) -> None:
        if self.fails:
            self.fails -= 1
            raise ConnectionError("the engine is away")
        self.inserts += bool(folded)
        for one in folded:
            there = self.rows.get(one.state.id)
            if there is None or _version(there[0]) <= _version(one):
                self.rows[one.state.id] = (one, one.state.to_json())

    def states(self) -> dict[UUID, State]:
        return {subject_id: one.state for subject_id, one in self.load(self.rows).items()}


def _version(one: LatestStates[Any]) -> tuple[int, int]:
    return one.position.offset, one.generation


def delivered(records: Iterable[Record]) -> list[Delivered]:
    """Decode records as the runtime does."""
    return [Delivered(record, decode(record.value)) for record in records]


def cut(records: Sequence[Record], rng: random.Random, *, again: float = 0.3) -> Iterator[list[Delivered]]:
    """Cut a lane into batches at random; now and then go back a little, as after a crash."""
    position = 0
    while position < len(records):
        end = min(len(records), position + rng.randint(1, 12))
        yield delivered(records[position:end])
        position = max(0, end - rng.randint(1, 8)) if rng.random() < again and end < len(records) else end
