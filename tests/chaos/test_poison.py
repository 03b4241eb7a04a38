"""Many kinds of broken records among good ones: each is set aside with its reason, and nobody stumbles or fails to start."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from events.log import Message, Position, Record
from events.topics import CASES, ISSUES
from services.consuming.dead_letters import listing
from services.log.sqlite import SqliteLog
from services.warehouse.client import Warehouse
from tests.chaos.conftest import Ground, Ruin
from tests.chaos.poison import KINDS
from tests.chaos.verdict import records_of, settle
from tests.journeys.installation import eventually, liencap
from tests.kafka_broker import free_port
from tests.services.test_poisoned_log import poison
from tests.stack import Part

pytestmark = [pytest.mark.process, pytest.mark.chaos, pytest.mark.slow]

ROUNDS = 2
RATE = 400
TOPICS = (CASES.name, ISSUES.name)


def test_broken_records_are_set_aside_and_no_good_one_is_lost(ground: Ground, rounds: int | None) -> None:
    with ground.installation() as ruin:
        _poison_and_judge(ruin, rounds or ROUNDS)
        _every_kind_of_process_starts(ruin, ground.another_store())


def _poison_and_judge(ruin: Ruin, rounds: int) -> None:
    workers = [ruin.stack.parts[name] for name in ("worker-1", "worker-2")]
    before = [worker.process for worker in workers]
    written: dict[Position, str] = {}
    # A worker that was turned away from a batch halves it; an event of another family is no fault, it lands.
    guests: list[Position] = []
    with ruin.load(RATE) as load, closing(ruin.stack.open_log()) as log:
        good = {topic: _first_record(ruin, topic) for topic in TOPICS}
        for _ in range(rounds):
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


@pytest.mark.warehouse
def test_a_whole_installation_starts_on_a_poisoned_log(tmp_path: Path) -> None:
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        written = poison(log, *KINDS)
    environment = {**os.environ, "LIENCAP_DATA": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    arguments = ["serve", "--port", str(free_port())]
    whole = Part("serve", arguments, environment, tmp_path / "serve.out")
    try:
        whole.start()
        with closing(SqliteLog(tmp_path / "log.db")) as log:
            eventually(lambda: len(listing(log)) == len(written) or None, 60)
    finally:
        assert whole.stop() == 0
    done = liencap(tmp_path, "audit", timeout=300)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "ok   log:" in liencap(tmp_path, "doctor", timeout=300).stdout


def _every_kind_of_process_starts(ruin: Ruin, new_store: str) -> None:
    """Start each kind of process anew on the store in use, and on an empty one, which reads the log from its beginning."""
    stack = ruin.stack
    stack.service("commune").stop()
    anew = replace(stack, folder=stack.folder.with_name("anew"), store_url=new_store, parts={})
    starting = [*(stack.service(role) for role in ("commune", "province", "ministry")), stack.worker(3)]
    for part in starting:
        part.is_cold = True
    starting += [anew.service(role) for role in ("commune", "province")]
    try:
        for part in starting:
            part.launch()
        for part in starting:
            part.wait_until_ready()
    finally:
        anew.close()
    beside = f"{stack.database}_beside"
    for command in (["replay", "--all", "--into", beside], ["rebuild"], ["dlq", "list"]):
        stack.must(*command, timeout=400)
    assert "ok   log:" in stack.run("doctor").stdout


def _first_record(ruin: Ruin, topic: str) -> Message:
    """Wait for an event of the load; of issues one that reports, which every start reads."""
    with closing(ruin.stack.open_log()) as log:
        record = eventually(lambda: next(filter(_begins, records_of(log, topic)), None), 60)
    return Message(record.key, record.value)


def _begins(record: Record) -> bool:
    return record.position.topic != ISSUES.name or b'"issue.reported"' in record.value


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
