"""The behaviour that every event log must show, whatever carries it: inherit `EventLogBehaviour` and give it a home.

A home opens the log of one test, empty at first. Nothing here knows an adapter.
"""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Protocol

import pytest

from events.errors import EventTooLarge, MalformedEvent, UnknownTopic
from events.log import Consumer, EventLog, Message, Position, Record
from events.topics import BATCH_BYTES, MAX_EVENT_BYTES, TOPICS, partition_for
from services.boot.system import Log
from services.consuming.dead_letters import listing, replay, survey
from services.consuming.set_aside import RefusedRecord, set_aside

PATIENCE = 15.0
"""Seconds after which something that should arrive counts as lost; a broker may need some to hand partitions over."""


class LogHome(Protocol):
    """Where the log of one test lives."""

    def trim(self, topic: str, before: int) -> None:
        """Delete the first records of partition 0 of a topic, as an operator would."""
        ...

    def open(self) -> EventLog:
        """Open the log of this test."""
        ...

    def reopen_after_death(self, log: EventLog) -> EventLog:
        """Open the log again as after the death of the process that had it open: nobody said goodbye."""
        ...


def numbered(count: int, *, keys: int = 5, first: int = 0) -> list[Message]:
    """Return messages whose values are their numbers, spread over some keys."""
    return [Message(f"key-{n % keys}", str(n).encode()) for n in range(first, first + count)]


def take(consumer: Consumer, count: int, *, commit: bool = False, at_once: int = 500) -> list[Record]:
    """Poll until `count` records came or patience ends."""
    found: list[Record] = []
    end = time.monotonic() + PATIENCE
    while len(found) < count and time.monotonic() < end:
        records = consumer.poll(at_once, 0.2)
        if commit and records:
            consumer.commit(records)
        found += records
    return found


def nothing_comes(consumer: Consumer) -> bool:
    """Tell whether a consumer that has had time to settle gets nothing."""
    return all(not consumer.poll(100, 0.2) for _ in range(3))


def values(records: Iterable[Record]) -> list[int]:
    return [int(record.value) for record in records]


class EventLogBehaviour:
    """Every fact that the rest of the product relies on."""

    @pytest.fixture
    def log(self, home: LogHome) -> EventLog:
        return home.open()

    def test_append_returns_positions_at_which_read_finds_the_records(self, log: EventLog) -> None:
        messages = [Message(f"k{n}", f"v{n}".encode(), {"n": str(n)}) for n in range(40)]
        positions = log.append("issues", messages)
        assert len(positions) == len(messages)
        for message, position in zip(messages, positions, strict=True):
            (record,) = log.read("issues", position.partition, position.offset, 1)
            assert (record.position, record.key, record.value) == (position, message.key, message.value)
            assert dict(record.headers) == dict(message.headers)

    def test_a_record_carries_the_instant_at_which_it_was_appended(self, log: EventLog) -> None:
        before = time.time()
        (position,) = log.append("sources", [Message("38", b"x")])
        (record,) = log.read("sources", position.partition, position.offset, 1)
        assert record.appended_at.utcoffset() is not None
        assert before - 1 <= record.appended_at.timestamp() <= time.time() + 1

    def test_appending_nothing_is_allowed(self, log: EventLog) -> None:
        assert log.append("issues", []) == []

    def test_values_come_back_byte_for_byte(self, log: EventLog) -> None:
        odd = [b"", b"\x00\xff\xfe", "Bát Mọt".encode(), bytes(range(256)), b"x" * MAX_EVENT_BYTES]
        positions = log.append("issues-dlq", [Message("k", value) for value in odd])
        records = [log.read("issues-dlq", p.partition, p.offset, 1)[0] for p in positions]
        assert [record.value for record in records] == odd

    def test_all_records_of_a_key_lie_in_the_partition_that_the_hash_names(self, log: EventLog) -> None:
        keys = [f"{code:05d}" for code in range(15000, 15060)] * 2
        positions = log.append("cases", [Message(key, b"x") for key in keys])
        partitions = TOPICS["cases"].partitions
        assert [p.partition for p in positions] == [partition_for(key, partitions) for key in keys]
        assert len({p.partition for p in positions}) == partitions

    def test_offsets_count_up_by_one_in_each_partition(self, log: EventLog) -> None:
        positions = [p for n in range(30) for p in log.append("issues", numbered(n % 7, first=n))]
        for partition in {p.partition for p in positions}:
            offsets = [p.offset for p in positions if p.partition == partition]
            assert offsets == list(range(len(offsets)))

    def test_the_end_is_the_offset_of_the_next_record(self, log: EventLog) -> None:
        assert log.end_positions("sources") == {0: 0, 1: 0}
        positions = log.append("sources", numbered(20))
        ends = log.end_positions("sources")
        assert sum(ends.values()) == 20
        for position in positions:
            assert position.offset < ends[position.partition]

    def test_read_gives_at_most_the_limit_from_the_start_on(self, log: EventLog) -> None:
        positions = log.append("issues", [Message("one", str(n).encode()) for n in range(1200)])
        partition = positions[0].partition
        assert values(log.read("issues", partition, 698, 5)) == [698, 699, 700, 701, 702]
        assert values(log.read("issues", partition, 1198, 5)) == [1198, 1199]
        assert log.read("issues", partition, 1200, 5) == []

    def test_records_of_one_key_are_read_in_the_order_of_appending(self, log: EventLog) -> None:
        consumer = log.open_consumer("tally", ["cases"])
        for first in range(0, 600, 50):
            log.append("cases", numbered(50, first=first))
        by_key: dict[str, list[int]] = {}
        for record in take(consumer, 600, at_once=37):
            by_key.setdefault(record.key, []).append(int(record.value))
        assert sorted(by_key) == [f"key-{n}" for n in range(5)]
        for numbers in by_key.values():
            assert numbers == sorted(numbers)
            assert len(numbers) == 120

    def test_a_batch_has_at_most_the_records_asked_for(self, log: EventLog) -> None:
        log.append("cases", numbered(100))
        consumer = log.open_consumer("tally", ["cases"])
        end = time.monotonic() + PATIENCE
        while not (batch := consumer.poll(7, 0.2)) and time.monotonic() < end:
            pass
        assert 1 <= len(batch) <= 7

    def test_two_groups_each_see_everything(self, log: EventLog) -> None:
        log.append("issues", numbered(100))
        for group in ("land", "decide"):
            consumer = log.open_consumer(group, ["issues"])
            assert sorted(values(take(consumer, 100, commit=True))) == list(range(100))

    def test_a_group_may_read_several_topics(self, log: EventLog) -> None:
        log.append("issues", [Message("a", b"1")])
        log.append("sources", [Message("b", b"2")])
        consumer = log.open_consumer("land", ["issues", "sources"])
        assert {r.position.topic: r.value for r in take(consumer, 2)} == {"issues": b"1", "sources": b"2"}

    def test_members_of_a_group_with_different_topics_do_not_take_from_each_other(
        self, log: EventLog
    ) -> None:
        of_cases, of_issues = log.open_consumer("land", ["cases"]), log.open_consumer("land", ["issues"])
        log.append("cases", numbered(40))
        log.append("issues", numbered(40))
        seen = self._share([of_cases, of_issues], 80)
        assert sorted(values(seen[0])) == sorted(values(seen[1])) == list(range(40))
        assert {r.position.topic for r in seen[0]} == {"cases"}

    def test_members_share_the_partitions_and_together_see_everything_once(self, log: EventLog) -> None:
        members = [log.open_consumer("tally", ["cases"]) for _ in range(3)]
        self._share(members, 0, at_least=1.0)
        log.append("cases", numbered(400, keys=60))
        seen = self._share(members, 400)
        assert all(records for records in seen)
        assert Counter(values(r for records in seen for r in records)) == Counter(range(400))
        owners = [{r.position.partition for r in records} for records in seen]
        assert sum(len(owned) for owned in owners) == len(set().union(*owners))

    def test_what_a_member_left_unfinished_goes_to_the_others(self, log: EventLog) -> None:
        first = log.open_consumer("tally", ["cases"])
        log.append("cases", numbered(60, keys=30))
        done = take(first, 60)[:20]
        first.commit(done)
        second = log.open_consumer("tally", ["cases"])
        first.close()
        again = {r.position for r in take(second, 40, commit=True)}
        # A commit finishes all before it in its partition, so only what lies after it comes again.
        reached = {
            p: max(r.position.offset for r in done if r.position.partition == p) for p in _partitions(done)
        }
        ends = log.end_positions("cases")
        expected = {(p, o) for p, end in ends.items() for o in range(reached.get(p, -1) + 1, end)}
        assert {(p.partition, p.offset) for p in again} == expected

    def test_a_late_commit_of_a_member_that_lost_its_partitions_changes_nothing(self, log: EventLog) -> None:
        first = log.open_consumer("tally", ["cases"])
        log.append("cases", numbered(10))
        records = take(first, 10)
        first.close()
        before = log.committed("tally", "cases")
        first.commit(records)
        assert log.committed("tally", "cases") == before

    def test_what_was_polled_is_held_until_another_member_has_it(self, log: EventLog) -> None:
        first = log.open_consumer("tally", ["cases"])
        log.append("cases", numbered(60, keys=30))
        records = take(first, 60)
        assert first.holds(records)
        second = log.open_consumer("tally", ["cases"])
        taken: set[int] = set()
        deadline = time.monotonic() + PATIENCE
        while not taken:
            assert time.monotonic() < deadline, "the second member was given nothing"
            [again, _] = self._share([second, first], 0, at_least=0.1)
            taken = _partitions(again)
        lost = [r for r in records if r.position.partition in taken]
        assert not first.holds(lost)

    def test_an_older_commit_takes_nothing_back(self, log: EventLog) -> None:
        log.append("issues", [Message("one", str(n).encode()) for n in range(10)])
        consumer = log.open_consumer("decide", ["issues"])
        records = take(consumer, 10)
        consumer.commit(records)
        consumer.commit(records[:3])
        assert log.committed("decide", "issues") == log.end_positions("issues")

    def test_committed_tells_the_next_offset_of_each_partition(self, log: EventLog) -> None:
        assert set(log.committed("tally", "cases").values()) == {0}
        log.append("cases", numbered(50))
        consumer = log.open_consumer("tally", ["cases"])
        consumer.commit(take(consumer, 50))
        assert log.committed("tally", "cases") == log.end_positions("cases")
        assert set(log.committed("another", "cases").values()) == {0}

    def test_rewind_delivers_again_what_was_not_committed(self, log: EventLog) -> None:
        log.append("issues", [Message("one", str(n).encode()) for n in range(30)])
        consumer = log.open_consumer("decide", ["issues"])
        first = take(consumer, 30)
        consumer.commit(first[:10])
        consumer.rewind()
        assert values(take(consumer, 20)) == list(range(10, 30))

    def test_rewind_goes_to_the_beginning_where_nothing_was_committed_yet(self, log: EventLog) -> None:
        log.append("issues", numbered(30))
        consumer = log.open_consumer("decide", ["issues"])
        assert len(take(consumer, 30)) == 30
        consumer.rewind()
        assert sorted(values(take(consumer, 30))) == list(range(30))

    def test_a_group_that_forgets_a_topic_reads_it_from_its_beginning(self, log: Log) -> None:
        log.append("issues", numbered(20))
        with closing(log.open_consumer("decide", ["issues"])) as consumer:
            assert len(take(consumer, 20, commit=True)) == 20
        for _ in range(2):  # a second time there is nothing to forget
            log.forget_positions("decide", "issues")
            assert set(log.committed("decide", "issues").values()) == {0}
        assert sorted(values(take(log.open_consumer("decide", ["issues"]), 20))) == list(range(20))

    def test_positions_survive_the_death_of_the_process(self, home: LogHome, log: EventLog) -> None:
        log.append("issues", numbered(20))
        consumer = log.open_consumer("decide", ["issues"])
        assert len(take(consumer, 20, commit=True)) == 20
        again = home.reopen_after_death(log)
        consumer = again.open_consumer("decide", ["issues"])
        assert nothing_comes(consumer)
        again.append("issues", numbered(1, first=20))
        assert values(take(consumer, 1)) == [20]

    def test_what_was_not_committed_comes_again_after_a_death(self, home: LogHome, log: EventLog) -> None:
        log.append("issues", numbered(20))
        assert len(take(log.open_consumer("decide", ["issues"]), 20)) == 20
        again = home.reopen_after_death(log)
        assert sorted(values(take(again.open_consumer("decide", ["issues"]), 20))) == list(range(20))

    def test_records_and_the_epoch_survive_the_death_of_the_process(
        self, home: LogHome, log: EventLog
    ) -> None:
        positions = log.append("issues", numbered(5))
        epoch = log.epoch
        again = home.reopen_after_death(log)
        assert again.epoch == epoch
        assert [again.read("issues", p.partition, p.offset, 1)[0].position for p in positions] == positions

    def test_a_waiting_poll_returns_when_something_is_appended(self, log: EventLog) -> None:
        consumer = log.open_consumer("decide", ["issues"])
        assert nothing_comes(consumer)
        appender = threading.Timer(0.3, log.append, ("issues", numbered(1)))
        appender.start()
        started = time.monotonic()
        assert values(consumer.poll(10, PATIENCE)) == [0]
        assert time.monotonic() - started < PATIENCE / 2
        appender.join()

    def test_a_poll_waits_no_longer_than_it_was_told(self, log: EventLog) -> None:
        consumer = log.open_consumer("decide", ["issues"])
        assert nothing_comes(consumer)
        started = time.monotonic()
        assert consumer.poll(10, 0.3) == []
        assert 0.25 < time.monotonic() - started < 3

    def test_wake_ends_a_waiting_poll(self, log: EventLog) -> None:
        consumer = log.open_consumer("decide", ["issues"])
        assert nothing_comes(consumer)
        waker = threading.Timer(0.3, consumer.wake)
        waker.start()
        started = time.monotonic()
        assert consumer.poll(10, PATIENCE) == []
        assert time.monotonic() - started < PATIENCE / 2
        waker.join()

    def test_an_event_that_stands_in_the_log_twice_is_delivered_twice(self, log: EventLog) -> None:
        message = Message("one", b"7")
        log.append("issues", [message])
        log.append("issues", [message, message])
        assert values(take(log.open_consumer("decide", ["issues"]), 3)) == [7, 7, 7]

    def test_a_topic_that_the_table_does_not_know_is_refused(self, log: EventLog) -> None:
        with pytest.raises(UnknownTopic, match="tickets"):
            log.append("tickets", [Message("a", b"x")])
        with pytest.raises(UnknownTopic):
            log.open_consumer("decide", ["issues", "tickets"])
        with pytest.raises(UnknownTopic):
            log.end_positions("tickets")

    def test_one_event_over_the_limit_refuses_them_all(self, log: EventLog) -> None:
        with pytest.raises(EventTooLarge, match=str(MAX_EVENT_BYTES)):
            log.append("issues", [Message("a", b"x"), Message("b", b"x" * (MAX_EVENT_BYTES + 1))])
        assert set(log.end_positions("issues").values()) == {0}

    def test_dead_letters_take_whatever_their_topic_takes(self, log: EventLog) -> None:
        # What does not compress is the largest; a batch has some bytes of its own.
        largest = random.Random(5).randbytes(BATCH_BYTES - 200)
        headers = {f"original.{number}": "x" * 1_000 for number in range(60)}
        [position] = log.append("issues-dlq", [Message("k", largest, headers)])
        [record] = log.read("issues-dlq", position.partition, position.offset, 1)
        assert (record.value, dict(record.headers)) == (largest, headers)
        with pytest.raises(EventTooLarge, match=str(BATCH_BYTES)):
            log.append("issues-dlq", [Message("k", b"x" * (BATCH_BYTES + 1))])
        assert log.end_positions("issues-dlq") == {0: 1}

    def test_the_first_position_is_that_of_the_first_record_that_is_still_held(
        self, home: LogHome, log: EventLog
    ) -> None:
        assert log.first_positions("issues-dlq") == {0: 0}
        for number in range(4):
            log.append("issues-dlq", numbered(1, first=number))
        assert log.first_positions("issues-dlq") == {0: 0}
        home.trim("issues-dlq", 3)
        assert (log.first_positions("issues-dlq"), log.end_positions("issues-dlq")) == ({0: 3}, {0: 4})
        assert values(log.read("issues-dlq", 0, 3, 10)) == [3]

    def test_dead_letters_that_were_trimmed_or_that_strangers_wrote_to_are_read_all_the_same(
        self, home: LogHome, log: EventLog
    ) -> None:
        record = Record(Position("issues", 2, 7), "k", b"{", {}, dt.datetime.now(dt.UTC))
        refused = [RefusedRecord(record, MalformedEvent("not JSON"))]
        set_aside(log, refused, group="land", seen_at=record.appended_at)
        log.append("issues-dlq", [Message("", b"x")])
        again = Record(Position("issues", 2, 8), "k", b"[", {}, record.appended_at)
        set_aside(
            log, [RefusedRecord(again, MalformedEvent("no object"))], group="land", seen_at=record.appended_at
        )
        assert replay(log, "issues", [0]) == 1
        home.trim("issues-dlq", 1)
        assert [letter.number for letter in listing(log, "issues")] == [2]
        assert [each.foreign_count for each in survey(log, "issues")] == [1]

    def test_appends_from_many_threads_all_arrive_in_the_order_of_each_thread(self, log: EventLog) -> None:
        def work(key: str) -> None:
            for n in range(40):
                log.append("cases", [Message(key, str(n).encode())])

        threads = [threading.Thread(target=work, args=(f"unit-{n}",)) for n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        by_key: dict[str, list[int]] = {}
        for record in take(log.open_consumer("tally", ["cases"]), 200):
            by_key.setdefault(record.key, []).append(int(record.value))
        assert by_key == {f"unit-{n}": list(range(40)) for n in range(5)}

    @staticmethod
    def _share(members: Sequence[Consumer], count: int, *, at_least: float = 0) -> list[list[Record]]:
        """Let the members poll and commit in turn until they have `count` together, or for `at_least` seconds."""
        seen: list[list[Record]] = [[] for _ in members]
        started = time.monotonic()
        while time.monotonic() - started < at_least or (
            sum(map(len, seen)) < count and time.monotonic() - started < PATIENCE
        ):
            for member, records in zip(members, seen, strict=True):
                batch = member.poll(50, 0.05)
                member.commit(batch)
                records.extend(batch)
        return seen


def _partitions(records: Iterable[Record]) -> set[int]:
    return {record.position.partition for record in records}
