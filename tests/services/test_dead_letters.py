from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from events.errors import InvalidEvent, MalformedEvent, UnknownTopic
from events.log import Message, Position, Record
from services.consuming.dead_letters import listing, refused_positions, replay, show
from services.consuming.set_aside import RefusedRecord, set_aside
from services.errors import NotFound
from services.log.sqlite import SqliteLog
from services.maintenance import doctor
from services.settings import load_settings

SEEN_AT = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(tmp_path / "events.db")
    yield log
    log.close()


def refuse(log: SqliteLog, topic: str, value: bytes, *, key: str = "15607") -> Record:
    """Append bytes to a topic and set them aside as a step would."""
    (position,) = log.append(topic, [Message(key, value, {"traceparent": "00-1"})])
    (record,) = log.read(topic, position.partition, position.offset, 1)
    fault = InvalidEvent("data.unit_code: not a code", field="data.unit_code")
    set_aside(log, [RefusedRecord(record, fault)], group="land", seen_at=SEEN_AT)
    return record


def test_a_dead_letter_says_what_where_and_why(log: SqliteLog) -> None:
    record = refuse(log, "cases", b"\xff broken")
    (letter,) = listing(log)
    assert (letter.number, letter.position, letter.epoch) == (0, record.position, 1)
    assert (letter.reason, letter.field) == ("invalid-event", "data.unit_code")
    assert letter.message == "data.unit_code: not a code"
    assert (letter.key, letter.value, letter.group) == ("15607", b"\xff broken", "land")
    assert (letter.first_seen_at, letter.replayed_at, letter.times) == (SEEN_AT, None, 1)
    assert show(log, "cases", 0) == letter
    where = f"cases/{record.position.partition}@{record.position.offset}"
    assert where in letter.line()
    assert "invalid-event" in letter.line()
    assert r"\xff broken" in letter.text()
    assert "15607" in letter.text()


def test_a_very_long_reason_and_value_are_shortened_for_the_eye_only(log: SqliteLog) -> None:
    (position,) = log.append("cases", [Message("a", b"y" * 10_000)])
    (record,) = log.read("cases", position.partition, position.offset, 1)
    set_aside(log, [RefusedRecord(record, MalformedEvent("x" * 5_000))], group="land", seen_at=SEEN_AT)
    (letter,) = listing(log)
    assert len(letter.message) == 600
    assert len(letter.value) == 10_000
    assert "6000 bytes more" in letter.text()


def test_the_list_is_of_one_topic_or_of_all_under_either_name(log: SqliteLog) -> None:
    refuse(log, "cases", b"1")
    refuse(log, "issues", b"2")
    refuse(log, "cases", b"3")
    assert [letter.value for letter in listing(log)] == [b"1", b"3", b"2"]
    assert [letter.value for letter in listing(log, "issues")] == [b"2"]
    assert listing(log, "cases-dlq") == listing(log, "cases")
    assert listing(log, "sources") == []
    with pytest.raises(UnknownTopic):
        listing(log, "tickets")


def test_a_record_set_aside_twice_is_one_dead_letter(log: SqliteLog) -> None:
    record = refuse(log, "cases", b"x")
    again = RefusedRecord(record, MalformedEvent("as before a crash"))
    set_aside(log, [again], group="land", seen_at=SEEN_AT)
    (letter,) = listing(log)
    assert (letter.number, letter.times, letter.reason) == (0, 2, "invalid-event")
    assert replay(log, "cases") == 1


def test_a_replay_sends_the_same_bytes_under_the_same_key_once(log: SqliteLog) -> None:
    record = refuse(log, "cases", b"x")
    assert replay(log, "cases", clock=lambda: SEEN_AT) == 1
    again = log.read("cases", record.position.partition, record.position.offset + 1, 10)
    assert [(r.key, r.value, dict(r.headers)) for r in again] == [("15607", b"x", {"traceparent": "00-1"})]
    (letter,) = listing(log)
    assert letter.replayed_at == SEEN_AT
    assert "sent again 2026-03-02 01:00Z" in letter.line()
    assert replay(log, "cases") == 0
    assert replay(log, "cases", [0]) == 0
    assert sum(log.end_positions("cases").values()) == 2


def test_a_replay_of_chosen_numbers_leaves_the_others(log: SqliteLog) -> None:
    for value in (b"0", b"1", b"2"):
        refuse(log, "issues", value)
    assert replay(log, "issues", [2, 0, 2]) == 2
    assert [letter.value for letter in listing(log) if letter.replayed_at is None] == [b"1"]


def test_a_number_that_is_none_refuses_the_whole_replay(log: SqliteLog) -> None:
    refuse(log, "issues", b"0")
    with pytest.raises(NotFound, match="no dead letter 5"):
        replay(log, "issues", [0, 5])
    assert sum(log.end_positions("issues").values()) == 1
    with pytest.raises(NotFound):
        show(log, "issues", -1)


def test_what_fails_again_after_a_replay_is_a_new_dead_letter(log: SqliteLog) -> None:
    first = refuse(log, "cases", b"x")
    replay(log, "cases")
    (sent,) = log.read("cases", first.position.partition, first.position.offset + 1, 1)
    set_aside(log, [RefusedRecord(sent, MalformedEvent("still"))], group="land", seen_at=SEEN_AT)
    old, new = listing(log)
    assert old.replayed_at is not None
    assert (new.replayed_at, new.position) == (None, sent.position)
    assert replay(log, "cases") == 1


def test_the_audit_learns_the_positions_of_this_log_only(log: SqliteLog) -> None:
    record = refuse(log, "cases", b"x")
    assert refused_positions(log, "cases") == {record.position}
    assert refused_positions(log, "issues") == frozenset()
    log.raise_epoch(2)
    assert refused_positions(log, "cases") == frozenset()


def test_a_replay_that_died_before_its_mark_sends_once_more_and_nothing_is_lost(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = refuse(log, "cases", b"x")
    append = log.append

    def die_at_the_mark(topic: str, messages: list[Message]) -> list[Position]:
        if topic.endswith("-dlq"):
            raise KeyboardInterrupt
        return append(topic, messages)

    monkeypatch.setattr(log, "append", die_at_the_mark)
    with pytest.raises(KeyboardInterrupt):
        replay(log, "cases")
    monkeypatch.undo()
    assert replay(log, "cases") == 1
    sent = log.read("cases", record.position.partition, record.position.offset + 1, 10)
    assert [r.value for r in sent] == [b"x", b"x"]


def test_the_doctor_counts_what_still_stands_set_aside(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path)

    def counted() -> tuple[int, int]:
        found = re.match(r"(\d+) records; dead letters not sent again: (\d+);", doctor._log(settings))
        assert found
        return int(found[1]), int(found[2])

    with closing(SqliteLog(settings.data / "log.db")) as log:
        first, second = refuse(log, "cases", b"1"), refuse(log, "cases", b"2")
        refuse(log, "issues", b"3")
        assert counted() == (3, 3)
        assert replay(log, "cases") == 2
        assert counted() == (5, 1)
        (again,) = log.read("cases", first.position.partition, second.position.offset + 1, 1)
        set_aside(log, [RefusedRecord(again, MalformedEvent("still"))], group="land", seen_at=SEEN_AT)
        assert counted() == (5, 2)
