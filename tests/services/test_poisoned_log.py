"""A log with every kind of broken record in every topic: whoever reads it passes them, and takes what is good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import events
from events.codec import decode, encode
from events.log import EventLog, Message, Position
from events.topics import CASES, ISSUES, TRUTH_TOPICS
from reporting.dated.territory import Territory
from services.consuming.dead_letters import listing, replay
from services.intake.recovery import recover
from services.log.sqlite import SqliteLog
from services.maintenance import doctor
from services.maintenance.audit import audit
from services.maintenance.session import Upkeep
from services.settings import load_settings
from services.store.store import Store
from services.streams.decide import sweep
from services.warehouse.client import Warehouse
from tests.chaos.poison import KINDS
from tests.services.world import World, open_world, tables

EXAMPLES = Path(events.__file__).parent / "examples" / "accepted"
GOOD = {CASES.name: "case.received.json", ISSUES.name: "issue.reported.json"}


def example(topic: str) -> bytes:
    """Return the bytes of a good event as a release writes them."""
    return encode(decode((EXAMPLES / GOOD[topic]).read_bytes()))


def message(value: bytes, of: bytes) -> Message:
    return Message(decode(of).partition_key, value)


def poison(log: EventLog, *kinds: str) -> set[Position]:
    """Append to every topic each of these kinds, made of an event of either family; good ones before and after."""
    good = {topic: message(value, value) for topic, value in ((name, example(name)) for name in GOOD)}
    written = []
    for topic in TRUTH_TOPICS:
        own = [good[topic.name]] if topic.name in good else []
        log.append(topic.name, own)
        for value in map(example, GOOD):
            written += log.append(topic.name, [message(KINDS[kind](value), value) for kind in kinds])
        log.append(topic.name, own)
    return set(written)


def recovered(log: EventLog, folder: Path) -> tuple[int, int]:
    """Bring a new store up to the log, and tell how many cases and reports it took over."""
    with closing(Store(f"sqlite:///{folder / 'new.db'}")) as store:
        found = recover(store, log, Territory(tables().units))
    return found.case_count, found.report_count


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_a_new_store_starts_on_a_log_with_each_kind_of_broken_record(kind: str, tmp_path: Path) -> None:
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        poison(log, kind)
        assert recovered(log, tmp_path) == (1, 1)


@pytest.fixture(scope="module")
def poisoned(
    tmp_path_factory: pytest.TempPathFactory, warehouse_module: Warehouse
) -> Iterator[tuple[World, set[Position]]]:
    """An installation that was started on a poisoned log, and given more of it while it ran."""
    folder = tmp_path_factory.mktemp("poisoned")
    with closing(SqliteLog(folder / "log.db")) as log:
        written = poison(log, *KINDS)
    with open_world(folder, warehouse_module) as world:
        written |= poison(world.log, *KINDS)
        world.settle(60)
        yield world, written


@pytest.mark.warehouse
class TestEveryReader:
    """What reads the log of an installation, one reader each."""

    def test_the_steps_set_each_aside_once_and_take_the_rest(
        self, poisoned: tuple[World, set[Position]]
    ) -> None:
        world, written = poisoned
        letters = listing(world.log)
        assert {letter.position for letter in letters} == written
        assert len(letters) == len(written)
        assert [lane for lane in world.runtime.health() if lane.state != "running"] == []
        issue_id = decode(example(ISSUES.name)).subject
        assert world.issue(issue_id)["state"] != "closed"

    def test_a_store_is_recovered(self, poisoned: tuple[World, set[Position]], tmp_path: Path) -> None:
        world, _ = poisoned
        assert recovered(world.log, tmp_path) == (1, 1)

    @pytest.mark.slow
    def test_audit_replay_and_rebuild_end_well(self, poisoned: tuple[World, set[Position]]) -> None:
        world, _ = poisoned
        lines: list[str] = []
        keeping = Upkeep(world.parts.warehouse, world.log, alone=True)
        assert keeping.audit().ok
        assert keeping.replay(TRUTH_TOPICS, lines.append), lines
        assert keeping.rebuild(lines.append), lines
        assert keeping.audit().ok

    def test_a_replay_into_another_database_ends_well(self, poisoned: tuple[World, set[Position]]) -> None:
        world, _ = poisoned
        into = f"{world.parts.warehouse.database}_beside"
        keeping = Upkeep(world.parts.warehouse, world.log, alone=True)
        assert keeping.replay(TRUTH_TOPICS, lambda _line: None, into=into)
        with closing(world.parts.warehouse.named(into)) as beside:
            beside.drop()

    def test_what_issues_lack_is_said_after_a_catch_up(self, poisoned: tuple[World, set[Position]]) -> None:
        parts = poisoned[0].parts
        sweep(parts.issue_table.every(), parts.problem_table, poisoned[0].log, tables())
        poisoned[0].settle(60)

    def test_the_doctor_looks_at_it(self, tmp_path: Path) -> None:
        with closing(SqliteLog(tmp_path / "log.db")) as log:
            poison(log, *KINDS)
        assert re.match(
            r"\d+ records; dead letters not sent again: 0;", doctor._log(load_settings(data=tmp_path))
        )

    @pytest.mark.slow
    def test_what_is_sent_again_unmended_comes_back_as_a_letter(
        self, poisoned: tuple[World, set[Position]]
    ) -> None:
        world, _ = poisoned
        log = world.log
        waiting = len([one for one in listing(log) if one.replayed_at is None])
        assert sum(replay(log, topic.name) for topic in TRUTH_TOPICS) == waiting
        world.settle(60)
        assert len([one for one in listing(log) if one.replayed_at is None]) == waiting
        assert audit(world.parts.warehouse, log).ok
