"""After the engine was lost: what is owed is said, and time has its say, only once everything is folded and landed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from events.log import Message
from events.topics import ISSUES, PROMISES, SOURCES, partition_for, topic_named
from services.boot.catch_up import CatchUp
from services.boot.steps import FoldedTables
from services.dated_tables import load_tables
from services.log.sqlite import SqliteLog
from services.warehouse.client import Warehouse

pytestmark = pytest.mark.warehouse

KEY = "15607"


class QuietFile(SqliteLog):
    """The embedded log, which beside remembers below which positions a catch-up stays silent."""

    quiet_before: Mapping[int, int] = {}

    def keep_quiet_before(self, quiet_before: Mapping[int, int]) -> None:
        """Note it."""
        self.quiet_before = quiet_before


@pytest.fixture
def log(tmp_path: Path) -> Iterator[QuietFile]:
    """A log that holds one record of each topic, and whose engine was lost."""
    with closing(QuietFile(tmp_path / "log.db")) as log:
        for topic in (ISSUES, SOURCES, PROMISES):
            log.append(topic.name, [Message(KEY, b"{}")])
        log.keep_quiet_before({_lane(ISSUES.name): 1})
        yield log


def _lane(topic: str) -> int:
    return partition_for(KEY, topic_named(topic).partitions)


def _finish(log: QuietFile, group: str, topic: str) -> None:
    log._note(group, {(topic, _lane(topic)): 1})


@pytest.mark.parametrize("last", [("decide", ISSUES.name), ("land", SOURCES.name), ("land", PROMISES.name)])
def test_a_catch_up_lasts_until_the_last_of_its_groups_has_finished(
    log: QuietFile, warehouse: Warehouse, last: tuple[str, str]
) -> None:
    catching_up = CatchUp(log, FoldedTables.of(warehouse), load_tables())
    for group, topic in (("decide", ISSUES.name), ("land", SOURCES.name), ("land", PROMISES.name)):
        if (group, topic) != last:
            _finish(log, group, topic)
    catching_up.look()
    assert catching_up.pending
    _finish(log, *last)
    catching_up.look()
    assert not catching_up.pending


def test_what_comes_after_the_first_look_is_not_waited_for(log: QuietFile, warehouse: Warehouse) -> None:
    catching_up = CatchUp(log, FoldedTables.of(warehouse), load_tables())
    _finish(log, "decide", ISSUES.name)
    catching_up.look()
    log.append(SOURCES.name, [Message(KEY, b"{}")])
    _finish(log, "land", SOURCES.name)
    _finish(log, "land", PROMISES.name)
    catching_up.look()
    assert not catching_up.pending
