"""Faust's member of a group, made safe where the brokers come back: it knows its topics before it joins, and faces faults.

Faust reads past the call of aiokafka that hands over what went wrong in the coordination of the group. There a fault is
held until somebody takes it, and meanwhile the member neither joins nor tells that it is alive: it is out for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from mode import Service

from services.log.kafka_coordination import ask_again, client_of, coordination_of

if TYPE_CHECKING:
    from faust import App

RETRY_SECONDS = 0.5
LOOK_SECONDS = 1.0

_log = structlog.get_logger("streams")


class MemberThread(AIOKafkaConsumerThread):  # type: ignore[misc,unused-ignore]
    """The thread that speaks to the brokers for one group."""

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Wait until the brokers have told these topics, then join the group that reads them."""
        names = set(topics)
        await self.call_thread(self._until_told, names)
        await super().subscribe(names)

    def rejoin(self) -> None:
        """Ask for the partitions to be shared out again; from any thread."""
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
        """Take each fault of the coordination, which then goes on; end with the one that it has died of."""
        while not self.should_stop:
            face_fault(self._ensure_consumer(), self.app.conf.id)
            await self.sleep(LOOK_SECONDS)


def face_fault(consumer: Any, group: str) -> None:
    """Take the fault that a consumer's coordination waits to hand over, if any.

    Raises:
        KafkaError: the coordination has ended by a fault that it does not survive.
    """
    coordinator = coordination_of(consumer)
    try:
        coordinator.check_errors()
    except KafkaError as error:
        coordinator.check_errors()  # only a coordination that has ended says it twice
        _log.warning("group.joins_again", group=group, error=repr(error))


class Member(Consumer):  # type: ignore[misc,unused-ignore]
    """The consumer of one Faust app."""

    def rejoin(self) -> None:
        """Ask for the partitions of the group to be shared out again."""
        self._thread.rejoin()

    def _new_consumer_thread(self) -> MemberThread:
        return MemberThread(self, loop=self.loop, beacon=self.beacon)


class MemberTransport(Transport):  # type: ignore[misc,unused-ignore]
    """The way of one Faust app to its brokers."""

    Consumer = Member


def member_transport(app: App) -> MemberTransport:
    """Return the transport that an app is to have before it starts."""
    return MemberTransport(app.conf.broker_consumer, app)
