"""The embedded log shows the behaviour of every log, and what a file of one's own adds to it."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from events.errors import LogUnavailable
from events.log import EventLog, Message, Position
from services.errors import SetupError
from services.log import sqlite_consumer as log_consumer
from services.log.sqlite import SqliteLog
from services.log.sqlite_file import connect
from tests.contract.event_log import EventLogBehaviour, numbered, take, values


class FileHome:
    """Open logs on one file; close what is left open at the end of the test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: list[SqliteLog] = []

    def open(self) -> SqliteLog:
        self._opened.append(SqliteLog(self.path))
        return self._opened[-1]

    def reopen_after_death(self, log: EventLog) -> SqliteLog:
        # Closing notes nothing, so it stands for a death here; real deaths are at the end of this file.
        log.close()
        return self.open()

    def trim(self, topic: str, before: int) -> None:
        """The product deletes nothing of a file; this is what another hand would do."""
        with closing(connect(self.path)) as connection:
            connection.execute(
                "DELETE FROM chunks WHERE topic = ? AND partition = 0 AND last_offset < ?", (topic, before)
            )

    def close(self) -> None:
        for log in self._opened:
            log.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[FileHome]:
    home = FileHome(tmp_path / "log" / "events.db")
    yield home
    home.close()


class TestEmbeddedLog(EventLogBehaviour):
    """The embedded log passes the suite."""


def test_every_connection_writes_ahead_and_waits_for_the_disk(home: FileHome) -> None:
    log = home.open()
    assert log._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert log._writer.execute("PRAGMA synchronous").fetchone() == (2,)  # 2 is FULL
    other = connect(home.path)
    assert other.execute("PRAGMA synchronous").fetchone() == (2,)
    other.close()


def test_a_closed_log_says_so_and_closes_again_without_harm(home: FileHome) -> None:
    log = home.open()
    consumer = log.open_consumer("land", ["issues"])
    log.close()
    log.close()
    consumer.close()
    for act in (
        lambda: log.append("issues", numbered(1)),
        lambda: log.end_positions("issues"),
        lambda: log.open_consumer("land", ["issues"]),
        lambda: consumer.poll(1, 0),
    ):
        with pytest.raises(LogUnavailable, match="closed"):
            act()


def test_closing_the_log_ends_a_waiting_poll(home: FileHome) -> None:
    log = home.open()
    consumer = log.open_consumer("land", ["issues"])
    closer = threading.Timer(0.2, log.close)
    closer.start()
    started = time.monotonic()
    assert consumer.poll(10, 20) == []
    assert time.monotonic() - started < 5
    closer.join()


def test_a_member_that_was_dropped_without_closing_gives_its_partitions_up(home: FileHome) -> None:
    log = home.open()
    log.append("cases", numbered(50, keys=30))
    first, second = log.open_consumer("tally", ["cases"]), log.open_consumer("tally", ["cases"])
    assert len(first.poll(100, 1)) < 50
    del first
    gc.collect()
    assert sorted(values(take(second, 50))) == list(range(50))


def test_a_second_log_on_the_file_may_append_and_read_but_not_join_a_held_group(home: FileHome) -> None:
    server, visitor = home.open(), home.open()
    consumer = server.open_consumer("land", ["issues"])
    with pytest.raises(LogUnavailable, match="another process"):
        visitor.open_consumer("land", ["issues"])
    visitor.append("issues", numbered(3))
    assert sorted(values(take(consumer, 3))) == [0, 1, 2]
    assert len(take(visitor.open_consumer("visitor", ["issues"]), 3)) == 3
    server.close()
    assert len(take(visitor.open_consumer("land", ["issues"]), 3)) == 3


def test_an_append_of_this_process_wakes_a_poll_without_a_look_at_the_file(
    home: FileHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_consumer, "LOOK_SECONDS", 60.0)
    log = home.open()
    consumer = log.open_consumer("decide", ["issues"])
    appender = threading.Timer(0.2, log.append, ("issues", numbered(1)))
    appender.start()
    started = time.monotonic()
    assert values(consumer.poll(10, 20)) == [0]
    assert time.monotonic() - started < 5
    appender.join()


def test_two_writers_on_one_file_wait_for_each_other_and_share_no_offset(home: FileHome) -> None:
    logs = [home.open(), home.open()]
    positions: list[list[Position]] = [[], []]

    def work(number: int) -> None:
        for n in range(80):
            positions[number] += logs[number].append("issues", [Message("one", f"{number}{n}".encode())])

    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(p.offset for written in positions for p in written) == list(range(160))


def test_a_file_laid_out_for_other_partition_counts_is_refused(home: FileHome) -> None:
    home.open().close()
    connection = connect(home.path)
    connection.execute("UPDATE topics SET partitions = 3 WHERE topic = 'cases'")
    connection.close()
    with pytest.raises(SetupError, match="cases has 3 partitions"):
        home.open()


def test_a_file_that_is_no_log_is_a_passing_fault_and_stays_as_it_is(home: FileHome) -> None:
    home.path.parent.mkdir()
    home.path.write_bytes(b"not a database, but somebody's file" * 400)
    with pytest.raises(LogUnavailable, match="not a database"):
        home.open()
    assert home.path.read_bytes().startswith(b"not a database")


def test_a_hole_in_the_file_is_noticed_and_not_stepped_over(home: FileHome) -> None:
    log = home.open()
    for n in range(3):
        log.append("issues", [Message("one", str(n).encode())])
    connection = connect(home.path)
    connection.execute("DELETE FROM chunks WHERE last_offset = 1")
    connection.close()
    with pytest.raises(LogUnavailable, match="damaged"):
        take(log.open_consumer("decide", ["issues"]), 3)


def test_a_restored_log_gets_a_higher_epoch_and_never_a_lower_one(home: FileHome) -> None:
    log = home.open()
    assert log.epoch == 1
    assert log.raise_epoch(7) == 7
    assert log.raise_epoch(3) == 7
    assert home.open().epoch == 7


def test_the_log_tells_where_a_catch_up_stays_silent_until_it_has_ended(home: FileHome) -> None:
    log = home.open()
    assert log.quiet_before == {}
    log.keep_quiet_before({0: 7, 5: 2})
    log.keep_quiet_before({0: 9})
    assert home.open().quiet_before == {0: 9}
    log.keep_quiet_before({})
    assert home.open().quiet_before == {}


def test_the_redelivery_switch_repeats_records_and_loses_none(tmp_path: Path) -> None:
    seeded = random.Random(7)
    log = SqliteLog(tmp_path / "events.db", redeliver=seeded)
    log.append("cases", numbered(300))
    consumer = log.open_consumer("tally", ["cases"])
    seen: list[int] = []
    while log.committed("tally", "cases") != log.end_positions("cases"):
        batch = consumer.poll(20, 0.1)
        seen += values(batch)
        consumer.commit(batch)
    assert set(seen) == set(range(300))
    assert len(seen) > 300
    log.close()


_APPEND_ONE = """
import sys
from pathlib import Path
from events.log import Message
from services.log.sqlite import SqliteLog
log = SqliteLog(Path(sys.argv[1]))
log.append("issues", [Message("from-outside", b"41")])
log.close()
"""

_APPEND_FOR_EVER = """
import sys
from pathlib import Path
from events.log import Message
from services.log.sqlite import SqliteLog
log = SqliteLog(Path(sys.argv[1]))
n = int(sys.argv[2])
while True:
    batch = [Message(str(i % 40), str(i).encode()) for i in range(n, n + 1 + n % 13)]
    log.append("cases", batch)
    n += len(batch)
    print(n, flush=True)
"""


@pytest.mark.process
def test_what_another_process_appends_wakes_a_waiting_poll(home: FileHome) -> None:
    consumer = home.open().open_consumer("decide", ["issues"])
    with subprocess.Popen([sys.executable, "-c", _APPEND_ONE, str(home.path)]) as process:
        records = consumer.poll(10, 30)
    assert process.returncode == 0
    assert [(r.key, r.value) for r in records] == [("from-outside", b"41")]


@pytest.mark.process
def test_a_killed_process_loses_nothing_that_it_was_told_is_safe(home: FileHome) -> None:
    acknowledged = 0
    rng = random.Random(11)
    for _ in range(6):
        command = [sys.executable, "-c", _APPEND_FOR_EVER, str(home.path), str(acknowledged)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            time.sleep(rng.uniform(0, 0.15))
            process.kill()
            acknowledged = int((first + process.stdout.read()).split()[-1])
        log = home.open()
        stored = [int(r.value) for partition in range(8) for r in log.read("cases", partition, 0, 10_000_000)]
        assert set(range(acknowledged)) <= set(stored)
        assert len(stored) == len(set(stored))
        acknowledged = max(stored) + 1  # the last batch may be durable without its author having heard of it
        assert sorted(stored) == list(range(acknowledged))
        log.close()
