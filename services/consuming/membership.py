"""Faust's member of a group, safe against restarting brokers: it loads its topics before it joins, and takes errors.

Faust never calls the method of aiokafka that raises errors of the group's coordination. There an error is held until
somebody takes it; meanwhile the member neither joins nor sends heartbeats, and stays out of the group for good.
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
    """The thread that talks to the brokers for one group."""

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Wait until the metadata have these topics, then join the group that reads them."""
        names = set(topics)
        await self.call_thread(self._until_told, names)
        await super().subscribe(names)

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
    """The consumer of one Faust app."""

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
