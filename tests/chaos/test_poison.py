"""Twelve kinds of broken records among good ones: each is set aside with its reason, and nobody stumbles."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from events.log import Message, Position
from events.topics import CASES, ISSUES
from services.adapters.clickhouse import Warehouse
from services.streams.dead_letters import listing
from tests.chaos.conftest import Ruin
from tests.chaos.poison import KINDS
from tests.chaos.verdict import records_of, settle
from tests.journeys.installation import eventually

pytestmark = [pytest.mark.process, pytest.mark.chaos]

ROUNDS = 2
RATE = 400
TOPICS = (CASES.name, ISSUES.name)


def test_broken_records_are_set_aside_and_no_good_one_is_lost(ruin: Ruin, rounds: int | None) -> None:
    workers = [ruin.stack.parts[name] for name in ("worker-1", "worker-2")]
    before = [worker.process for worker in workers]
    written: dict[Position, str] = {}
    # A worker that was turned away from a batch halves it; an event of another family is no fault, it lands.
    guests: list[Position] = []
    with ruin.load(RATE) as load, closing(ruin.stack.open_log()) as log:
        good = {topic: _first_record(ruin, topic) for topic in TOPICS}
        for _ in range(rounds or ROUNDS):
            for kind, breaks in KINDS.items():
                time.sleep(ruin.chance.uniform(0.0, 0.2))
                for topic in TOPICS:
                    key = ruin.chance.choice([good[topic].key, "15622", "nowhere"])
                    found = log.append(topic, [Message(key, breaks(good[topic].value))])
                    written[found[0]] = kind
        for topic, other in zip(TOPICS, reversed(TOPICS), strict=True):
            guests += log.append(topic, [Message(good[other].key, good[other].value)])
    settle(ruin.stack)
    with closing(ruin.stack.open_log()) as log:
        letters = [letter for topic in TOPICS for letter in listing(log, topic)]
    missing = {kind for position, kind in written.items()} - {
        written[letter.position] for letter in letters if letter.position in written
    }
    assert not missing
    assert {letter.position for letter in letters} == set(written)
    assert all(letter.reason and letter.message for letter in letters)
    assert [worker.process for worker in workers] == before
    assert all(worker.runs for worker in workers)
    assert _landed(ruin, guests) == len(guests)
    reasons = sorted({letter.reason for letter in letters})
    ruin.say(f"{len(letters)} records set aside: {', '.join(reasons)}")
    ruin.judge(load)


def _first_record(ruin: Ruin, topic: str) -> Message:
    """Wait for an event of the load."""
    with closing(ruin.stack.open_log()) as log:
        record = eventually(lambda: next(records_of(log, topic), None), 60)
    return Message(record.key, record.value)


def _landed(ruin: Ruin, positions: list[Position]) -> int:
    with closing(Warehouse(ruin.front.dsn, database=ruin.stack.database)) as warehouse:
        found = [
            warehouse.rows(
                "SELECT 1 FROM landed WHERE topic = {t:String} AND partition = {p:UInt16} AND offset = {o:UInt64} LIMIT 1",
                t=position.topic,
                p=position.partition,
                o=position.offset,
            )
            for position in positions
        ]
    return sum(bool(rows) for rows in found)
