"""A member commits nothing that rests on records of an assignment that is over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from services.consuming.agents import build_app
from services.consuming.membership import Member
from services.log.kafka_cluster import KafkaCluster

PARTITION = TP("sources", 0)


def record(offset: int) -> ConsumerMessage:
    """Return a fetched record that one agent holds."""
    message = ConsumerMessage(
        PARTITION.topic, PARTITION.partition, offset, 0.0, 0, [], b"k", b"v", None, tp=PARTITION
    )
    message.incref(1)
    return message


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> Iterator[Member]:
    """A member that fetched 10 to 13, of which Faust dropped the first; the group stands at 10."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = build_app(KafkaCluster("127.0.0.1:9"), "notes")
    app.topics._acking_topics.add(PARTITION.topic)
    member = app.consumer
    assert isinstance(member, Member)

    async def forgets_as_faust_does(self: Any, revoked: set[TP]) -> None:
        for partition in revoked:
            self._acked.pop(partition, None)
            self._acked_index.pop(partition, None)
            self._committed_offset.pop(partition, None)

    monkeypatch.setattr(Consumer, "on_partitions_revoked", forgets_as_faust_does)
    monkeypatch.setattr(Member, "rejoin", lambda _self: None)
    member._committed_offset[PARTITION] = 10
    member._unfinished[PARTITION] = {10, 11, 12, 13}
    yield member
    member._thread.thread_loop.close()
    asyncio.set_event_loop(None)
    loop.close()


def test_a_record_in_work_at_a_rebalance_is_no_reason_to_commit_past_a_dropped_one(member: Member) -> None:
    records = [record(offset) for offset in (11, 12, 13)]
    for one in records:
        member.track_message(one)
    for one in records[:2]:
        one.ack(member)
    assert member._new_offset(PARTITION) is None
    asyncio.get_event_loop().run_until_complete(member.on_partitions_revoked({PARTITION}))
    records[2].ack(member)
    assert member._new_offset(PARTITION) is None


def test_nor_is_it_after_the_next_assignment_has_begun(member: Member) -> None:
    held = record(11)
    member.track_message(held)
    asyncio.get_event_loop().run_until_complete(member.on_partitions_revoked({PARTITION}))
    member._committed_offset[PARTITION] = 10
    held.ack(member)
    assert member._new_offset(PARTITION) is None
    again = [record(offset) for offset in (10, 11)]
    member._unfinished[PARTITION] = {10, 11}
    for one in again:
        member.track_message(one)
        one.ack(member)
    assert member._new_offset(PARTITION) == 12


@pytest.mark.parametrize("dropped", [(10,), (10, 11), (12,)])
def test_a_gap_of_any_size_is_asked_for_again_and_no_other(
    member: Member, dropped: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[None] = []
    monkeypatch.setattr(member, "rejoin", lambda: asked.append(None))
    for offset in (10, 11, 12, 13):
        one = record(offset)
        member.track_message(one)
        if offset not in dropped:
            one.ack(member)
    assert member._new_offset(PARTITION) is None
    assert member._new_offset(PARTITION) is None
    assert asked == [None], "once until the rebalance comes"


def test_what_is_in_work_behind_the_acknowledged_is_no_gap(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[None] = []
    monkeypatch.setattr(member, "rejoin", lambda: asked.append(None))
    for offset in (10, 11):
        one = record(offset)
        member.track_message(one)
        one.ack(member)
    assert member._new_offset(PARTITION) == 12
    assert asked == []
