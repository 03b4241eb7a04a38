"""After a lost engine: follow-ups and timed events are emitted only once everything is folded and landed again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import events
from events.codec import decode, encode
from events.log import Message
from events.topics import ISSUES, PROMISES, SOURCES, partition_for, topic_named
from services.boot.alignment import align
from services.boot.catch_up import CatchUp
from services.consuming.step import Delivered
from services.dated_tables import load_tables
from services.log.sqlite import SqliteLog
from services.streams.land import Land
from services.warehouse.client import Warehouse
from services.warehouse.issue_table import IssueTable
from services.warehouse.problem_table import ProblemTable

pytestmark = pytest.mark.warehouse

KEY = "15607"
EXAMPLES = Path(events.__file__).parent / "examples" / "accepted"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    """A log that holds one record of each topic, and whose engine was lost."""
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        for topic in (ISSUES, SOURCES, PROMISES):
            log.append(topic.name, [Message(KEY, b"{}")])
        log.keep_quiet_before({_lane(ISSUES.name): 1})
        yield log


def catch_up(log: SqliteLog, warehouse: Warehouse) -> CatchUp:
    return CatchUp(log, IssueTable(warehouse), ProblemTable(warehouse), load_tables())


def _lane(topic: str) -> int:
    return partition_for(KEY, topic_named(topic).partitions)


def _finish(log: SqliteLog, group: str, topic: str) -> None:
    log._note(group, {(topic, _lane(topic)): 1})


@pytest.mark.parametrize("last", [("decide", ISSUES.name), ("land", SOURCES.name), ("land", PROMISES.name)])
def test_a_catch_up_lasts_until_the_last_of_its_groups_has_finished(
    log: SqliteLog, warehouse: Warehouse, last: tuple[str, str]
) -> None:
    catching_up = catch_up(log, warehouse)
    for group, topic in (("decide", ISSUES.name), ("land", SOURCES.name), ("land", PROMISES.name)):
        if (group, topic) != last:
            _finish(log, group, topic)
    catching_up.look()
    assert catching_up.pending
    _finish(log, *last)
    catching_up.look()
    assert not catching_up.pending


def test_what_comes_after_the_first_look_is_not_waited_for(log: SqliteLog, warehouse: Warehouse) -> None:
    catching_up = catch_up(log, warehouse)
    _finish(log, "decide", ISSUES.name)
    catching_up.look()
    log.append(SOURCES.name, [Message(KEY, b"{}")])
    _finish(log, "land", SOURCES.name)
    _finish(log, "land", PROMISES.name)
    catching_up.look()
    assert not catching_up.pending


def test_a_start_in_the_middle_of_a_catch_up_is_as_silent_as_the_one_that_began_it(
    tmp_path: Path, warehouse: Warehouse
) -> None:
    reported = decode((EXAMPLES / "issue.reported.json").read_bytes())
    with closing(SqliteLog(tmp_path / "lost.db")) as log:
        [first, last] = log.append(ISSUES.name, [Message(KEY, encode(reported)) for _ in range(2)])
        began = align(log, warehouse)
        assert dict(began.quiet_before) == {last.partition: 2}
        [record] = log.read(ISSUES.name, first.partition, first.offset, 1)
        Land(warehouse).handle([Delivered(record, reported)])
    with closing(SqliteLog(tmp_path / "lost.db")) as log:
        goes_on = align(log, warehouse)
        assert dict(goes_on.quiet_before) == {last.partition: 2}
        assert catch_up(log, warehouse).pending


def test_a_table_that_was_never_lost_is_never_caught_up_with(tmp_path: Path, warehouse: Warehouse) -> None:
    with closing(SqliteLog(tmp_path / "new.db")) as log:
        assert not align(log, warehouse).quiet_before
        assert not catch_up(log, warehouse).pending
