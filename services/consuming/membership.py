"""Faust's member of a group, safe against restarting brokers: it loads its topics before it joins, and takes errors.

It also commits nothing past a record that no agent has finished (decision 0054): Faust drops fetched records while its
flow is suspended, and goes back to them only where the group has committed before.

Faust never calls the method of aiokafka that raises errors of the group's coordination. There an error is held until
somebody takes it; meanwhile the member neither joins nor sends heartbeats, and stays out of the group for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP
from mode import Service

from services.log.kafka_coordination import ask_again, client_of, coordination_of

if TYPE_CHECKING:
    from faust import App
    from faust.types import Message

RETRY_SECONDS = 0.5
LOOK_SECONDS = 1.0
REPEAT_SECONDS = 10.0
"""After which a rebalance is requested again where none came."""

_log = structlog.get_logger("streams")


class MemberThread(AIOKafkaConsumerThread):  # type: ignore[misc,unused-ignore]
    """The thread that talks to the brokers for one group."""

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Wait until the metadata have these topics, then join the group that reads them."""
        names = set(topics)
        await self.call_thread(self._until_told, names)
        await super().subscribe(names)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go back to the committed offset of each partition, and to the start of one where nothing was committed."""
        return dict(await self.call_thread(self._go_back))

    async def _go_back(self) -> Mapping[TP, int]:
        consumer = self._ensure_consumer()
        committed: Mapping[TP, int] = await consumer.seek_to_committed()
        # aiokafka leaves these where they are, behind what was fetched and then dropped.
        if untouched := [partition for partition, offset in committed.items() if not offset]:
            await consumer.seek_to_beginning(*untouched)
        return committed

    def rejoin(self) -> None:
        """Request a rebalance; callable from any thread."""
        self.thread_loop.call_soon_threadsafe(self._request_rejoin)

    async def _until_told(self, topics: set[str]) -> None:
        client = client_of(self._ensure_consumer())
        client.set_topics(topics)
        missing = topics
        while missing and not self.should_stop:
            await client.force_metadata_update()
            missing = {topic for topic in missing if not client.cluster.partitions_for_topic(topic)}
            if missing:
                await asyncio.sleep(RETRY_SECONDS)

    def _request_rejoin(self) -> None:
        ask_again(self._ensure_consumer())

    @Service.task  # type: ignore[untyped-decorator,unused-ignore]
    async def _face_faults(self) -> None:
        """Take each error of the coordination, so that it continues; raise the error with which it ends."""
        while not self.should_stop:
            face_fault(self._ensure_consumer(), self.app.conf.id)
            await self.sleep(LOOK_SECONDS)


def face_fault(consumer: Any, group: str) -> None:
    """Take the pending error of a consumer's coordination, if any.

    Raises:
        KafkaError: the coordination has ended with a fatal error.
    """
    coordinator = coordination_of(consumer)
    try:
        coordinator.check_errors()
    except KafkaError as error:
        coordinator.check_errors()  # only a coordination that has ended raises twice
        _log.warning("group.joins_again", group=group, error=repr(error))


class Member(Consumer):  # type: ignore[misc,unused-ignore]
    """The consumer of one Faust app; agents acknowledge the records of a partition in their order."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._unfinished: dict[TP, set[int]] = {}
        self._asked_at: dict[TP, float] = {}

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Drop the fetched offsets: the next owner, also if it is this member, fetches their records again.

        A record in work goes on, but its acknowledgement comes too late to move a commit.
        """
        for message in list(self._unacked_messages):
            if message.tp in revoked:
                message.acked = True
        for partition in revoked:
            self._unfinished.pop(partition, None)
            self._asked_at.pop(partition, None)
        await super().on_partitions_revoked(revoked)

    def ack(self, message: Message) -> bool:
        """Note a record as finished."""
        self._unfinished.get(message.tp, set()).discard(message.offset)
        return bool(super().ack(message))

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Mapping[TP, Any]:  # noqa: ASYNC109 -- Faust's signature
        fetched: Mapping[TP, Any] = await super()._getmany(active_partitions, timeout)
        for partition, records in fetched.items():
            named = TP(partition.topic, partition.partition)
            self._unfinished.setdefault(named, set()).update(record.offset for record in records)
        return fetched

    def _new_offset(self, tp: TP) -> int | None:
        """Return the offset to commit, or None and request a rebalance where an earlier record reached no agent.

        Faust's own rule overlooks a gap of one record and any gap before the first commit; at a larger one it commits
        nothing any more.
        """
        acknowledged = self._acked[tp]
        committed = self._committed_offset[tp] or 0
        last = max(acknowledged, default=committed)
        passed = [one for one in self._unfinished.get(tp, ()) if committed <= one < last]
        if not passed:
            offset: int | None = super()._new_offset(tp)
            return offset
        if monotonic() - self._asked_at.get(tp, -inf) >= REPEAT_SECONDS:
            self._asked_at[tp] = monotonic()
            _log.warning("group.goes_back", topic=tp.topic, partition=tp.partition, offset=min(passed))
            self.rejoin()
        return None

    def rejoin(self) -> None:
        """Request a rebalance of the group."""
        self._thread.rejoin()

    def _new_consumer_thread(self) -> MemberThread:
        return MemberThread(self, loop=self.loop, beacon=self.beacon)


class MemberTransport(Transport):  # type: ignore[misc,unused-ignore]
    """The transport of one Faust app to its brokers."""

    Consumer = Member


def member_transport(app: App) -> MemberTransport:
    """Return the transport to set on an app before it starts."""
    return MemberTransport(app.conf.broker_consumer, app)
