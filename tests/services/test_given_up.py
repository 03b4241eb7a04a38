"""Positions that nobody can land: kept in short where they are too large, given up by hand, and named ever after."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from events.errors import EventTooLarge, MalformedEvent, UnknownTopic
from events.log import Message, Position, Record
from events.topics import BATCH_BYTES, ISSUES, MAX_EVENT_BYTES
from services.cli import build_cli
from services.consuming import set_aside as setting_aside
from services.consuming.dead_letters import listing, replay, skip, survey
from services.consuming.set_aside import RefusedRecord, set_aside
from services.errors import BadInput
from services.log.sqlite import SqliteLog
from services.maintenance import doctor
from services.maintenance.audit import audit
from services.maintenance.replay import replay as replay_log
from services.maintenance.session import Upkeep
from services.settings import load_settings
from services.warehouse.client import Warehouse

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(tmp_path / "log.db")) as opened:
        yield opened


class Narrow(SqliteLog):
    """A log whose dead letters take as little as those of an earlier release did."""

    def append(self, topic: str, messages: Sequence[Message]) -> list[Position]:
        if any(len(message.value) > MAX_EVENT_BYTES for message in messages):
            raise EventTooLarge("over the limit of the broker")
        return super().append(topic, messages)


def from_a_stranger(value: bytes, offset: int = 0) -> Record:
    return Record(Position("issues", 3, offset), "k" * 5_000, value, {"trace": "1"}, NOW)


def give_up(log: SqliteLog, *positions: str) -> int:
    return len(skip(log, positions, " a device sent rubbish ", by="an operator", clock=lambda: NOW))


def test_a_record_as_large_as_a_topic_takes_is_set_aside_whole(log: SqliteLog) -> None:
    record = from_a_stranger(b"x" * BATCH_BYTES)
    set_aside(log, [RefusedRecord(record, MalformedEvent("not JSON"))], group="land", seen_at=NOW)
    [letter] = listing(log)
    assert (letter.whole, letter.value, letter.size) == (True, record.value, BATCH_BYTES)


def test_a_record_that_the_dead_letters_do_not_take_is_kept_in_short_and_blocks_nobody(
    tmp_path: Path,
) -> None:
    small, large = from_a_stranger(b"{", 1), from_a_stranger(b"{" + b"x" * MAX_EVENT_BYTES, 2)
    refused = [RefusedRecord(one, MalformedEvent("not JSON", field="f" * 9_000)) for one in (small, large)]
    with closing(Narrow(tmp_path / "log.db")) as log:
        set_aside(log, refused, group="land", seen_at=NOW)
        whole, short = listing(log)
    assert (whole.position, whole.value, whole.whole) == (small.position, b"{", True)
    assert len(whole.field or "") == setting_aside.REASON_CHARACTERS
    assert (short.position, short.size, short.whole) == (large.position, MAX_EVENT_BYTES + 1, False)
    assert short.value == large.value[: setting_aside.KEPT_BYTES]
    assert short.sha256 == hashlib.sha256(large.value).hexdigest()
    assert short.sha256 in short.text()


def test_letters_that_are_too_large_to_be_sent_do_not_keep_the_others_from_it(log: SqliteLog) -> None:
    for offset, size in enumerate((10, MAX_EVENT_BYTES + 1)):
        record = from_a_stranger(b"x" * size, offset)
        set_aside(log, [RefusedRecord(record, MalformedEvent("not JSON"))], group="land", seen_at=NOW)
    with pytest.raises(BadInput, match="900001 bytes"):
        replay(log, "issues", [0, 1])
    assert sum(log.end_positions("issues").values()) == 0
    assert replay(log, "issues") == 1
    assert [letter.replayed_at is None for letter in listing(log)] == [False, True]


STRANGERS = [
    Message("", b"x"),
    Message("a", b"", {"replayed_number": "many", "replayed_at": "today"}),
    Message("a", b"", {"replayed_number": "9", "replayed_at": "2026-03-02T01:00:00"}),
    Message("a", b"", {"given_up_at": NOW.isoformat(), "topic": "issues", "partition": "0"}),
    Message("a", b"{}", {"topic": "cases", "partition": "0", "offset": "1", "epoch": "1"}),
    Message("a", b"{}", {"topic": "issues", "partition": "99", "offset": "1", "epoch": "1"}),
    Message("a", b"{}", {"topic": "issues", "partition": "0", "offset": "9" * 30, "epoch": "1"}),
]


def test_records_that_are_no_letters_of_ours_are_counted_and_harm_nobody(
    log: SqliteLog, tmp_path: Path, warehouse_module: Warehouse
) -> None:
    log.append(ISSUES.dead_letters, STRANGERS)
    record = from_a_stranger(b"{")
    set_aside(log, [RefusedRecord(record, MalformedEvent("not JSON"))], group="land", seen_at=NOW)
    log.append(ISSUES.dead_letters, STRANGERS)
    [letter] = listing(log)
    assert letter.number == len(STRANGERS)
    assert sum(each.foreign_count for each in survey(log)) == 2 * len(STRANGERS)
    assert audit(warehouse_module, log).ok
    assert f"not ours among the dead letters: {2 * len(STRANGERS)}" in doctor._log(
        load_settings(data=tmp_path)
    )
    said = CliRunner().invoke(build_cli(), ["dlq", "list", "--data", str(tmp_path)])
    assert (said.exit_code, "1 dead letters" in said.output) == (0, True)


def lost(log: SqliteLog) -> None:
    """Let the groups pass records that land nowhere, as after their positions were set beyond them."""
    log.append("issues", [Message("a", b"no event"), Message("a", b"neither")])
    for group in ("land", "decide"):
        with closing(log.open_consumer(group, ["issues"])) as consumer:
            while records := consumer.poll(10, 0.1):
                consumer.commit(records)


@pytest.mark.warehouse
@pytest.mark.slow
def test_what_was_passed_and_never_landed_is_missing_until_it_is_given_up(
    log: SqliteLog, tmp_path: Path, warehouse: Warehouse
) -> None:
    lost(log)
    [partition] = [number for number, end in log.end_positions("issues").items() if end]
    keeping = Upkeep(warehouse, log, alone=True)
    assert not keeping.audit().ok
    assert give_up(log, f"issues/{partition}/0") == 1
    assert not keeping.audit().ok
    assert give_up(log, f"issues/{partition}/0/1", f"issues/{partition}/1") == 1
    report = keeping.audit()
    assert report.ok, list(report.lines())
    named = f"given up: epoch 1 issues/{partition}@1 by an operator, 2026-03-02 01:00Z: a device sent rubbish"
    assert named in list(report.lines())
    for command in (keeping.rebuild, lambda say: keeping.replay([ISSUES], say)):
        lines: list[str] = []
        assert command(lines.append), lines
        assert named in lines
    assert "positions given up: 2" in doctor._log(load_settings(data=tmp_path))


@pytest.mark.warehouse
def test_what_is_given_up_before_its_group_reached_it_makes_nothing_else_missing(
    log: SqliteLog, warehouse: Warehouse
) -> None:
    log.append("issues", [Message("a", b"1"), Message("a", b"2"), Message("a", b"3")])
    [partition] = [number for number, end in log.end_positions("issues").items() if end]
    assert give_up(log, f"issues/{partition}/2") == 1
    report = audit(warehouse, log)
    assert report.ok
    assert [one.waiting_count for one in report.partitions] == [3]


@pytest.mark.warehouse
def test_a_replay_begins_where_the_log_begins_and_misses_what_nobody_gave_up(
    log: SqliteLog, warehouse: Warehouse
) -> None:
    log.append("issues", [Message("a", b"1")])
    log.append("issues", [Message("a", b"2")])
    [partition] = [number for number, end in log.end_positions("issues").items() if end]
    with log._writing() as connection:
        connection.execute("DELETE FROM chunks WHERE topic = 'issues' AND last_offset = 0")
    [found] = replay_log(log, warehouse, [ISSUES], lambda _line: None)
    assert (found.ok, found.unread_count) == (False, 1)
    assert give_up(log, f"issues/{partition}/0") == 1
    [found] = replay_log(log, warehouse, [ISSUES], lambda _line: None)
    assert (found.ok, found.read_count) == (True, 1)


@pytest.mark.parametrize(
    "text",
    [
        "issues",
        "issues/0",
        "issues/0/x",
        "issues/99/0",
        "issues/0/5",
        "issues/0/0/2",
        "issues/0/0/0",
        "/0/0",
        "issues-dlq/0/0",
    ],
)
def test_what_is_no_position_of_the_log_is_refused_and_nothing_is_noted(log: SqliteLog, text: str) -> None:
    while not log.end_positions("issues")[0]:
        log.append("issues", [Message(str(sum(log.end_positions("issues").values())), b"x")])
    with pytest.raises(BadInput) as fault:
        give_up(log, "issues/0/0", text)
    assert fault.value.field == "position"
    with pytest.raises(UnknownTopic):
        give_up(log, "tickets/0/0")
    with pytest.raises(BadInput, match="say why"):
        skip(log, ["issues/0/0"], " ", by="an operator", clock=lambda: NOW)
    assert not any(each.given_up for each in survey(log))


def test_the_command_gives_up_and_says_so(log: SqliteLog, tmp_path: Path) -> None:
    log.append("sources", [Message("15607", b"x")])
    [partition] = [number for number, end in log.end_positions("sources").items() if end]
    asked = [
        "dlq",
        "skip",
        "--position",
        f"sources/{partition}/0",
        "--reason",
        "rubbish",
        "--data",
        str(tmp_path),
    ]
    said = CliRunner().invoke(build_cli(), [*asked, "--by", "duty officer"])
    assert said.exit_code == 0, said.output
    assert f"sources/{partition}@0 by duty officer" in said.output
    assert "0 given up" in CliRunner().invoke(build_cli(), asked).output
    assert (
        "by duty officer" in CliRunner().invoke(build_cli(), ["dlq", "list", "--data", str(tmp_path)]).output
    )
