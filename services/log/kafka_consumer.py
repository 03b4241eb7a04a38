"""One member of a Kafka consumer group: aiokafka in an event loop of its own, called from a runner's thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from events.errors import LogUnavailable
from events.log import Record
from events.runs import Run, Runs, ends_of
from services.log.kafka_assigning import lane_assignor
from services.log.kafka_cluster import KafkaCluster
from services.log.kafka_coordination import ask_again, coordination_of
from services.log.kafka_reader import record_of
from services.log.loop_thread import CALL_SECONDS, LoopThread

T = TypeVar("T")
SLICE_SECONDS = 0.1
"""Sleep of a waiting poll between two checks of its wake-up."""
SESSION_MS = 10_000
HEARTBEAT_MS = 1_000
POLL_INTERVAL_MS = 600_000
REBALANCE_MS = 30_000
HAND_OVER_SECONDS = 5.0
"""How long a member that loses partitions waits for its runner to finish or drop the current batches."""
PARTITION_BYTES = 1_048_576
"""Bytes fetched ahead per partition: bounds the memory of a runner, whatever the lag."""

Lane = tuple[str, int]


class KafkaConsumer:
    """Reads the partitions of this member from the committed positions on.

    When partitions are revoked, the member first waits for the current batch: the runner finishes and commits it, drops
    the batch behind it (`holds` returns False), and only then the partitions are released.
    """

    def __init__(self, cluster: KafkaCluster, loop: LoopThread, group: str, topics: tuple[str, ...]) -> None:
        self._cluster = cluster
        self._loop = loop
        self._names = {cluster.topic(name): name for name in topics}
        self._guard = threading.Lock()
        self._polled: dict[Lane, int] = {}
        self._finished: dict[Lane, int] = {}
        self._in_hand = 0
        self._leaving = False
        self._woken = False
        self._closed = False
        self._client: AIOKafkaConsumer = self._call(self._join(group))

    def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        """Return the next records, waiting up to `timeout` seconds for the first.

        Raises:
            LogUnavailable: the cluster does not answer, or this member is closed.
        """
        if self._closed:
            raise LogUnavailable("this consumer was closed")
        return self._call(self._poll(max_records, time.monotonic() + timeout), timeout + CALL_SECONDS)

    def holds(self, records: Sequence[Record]) -> bool:
        """Return whether these records are this member's, and will not be polled again."""
        ends = ends_of(records)
        with self._guard:
            return not self._leaving and all(end <= self._polled.get(lane, 0) for lane, end in ends.items())

    def commit(self, records: Sequence[Record]) -> None:
        """Commit these records, and all before them in their partitions, as finished.

        Raises:
            LogUnavailable: the cluster does not answer; nothing was committed.
        """
        ends = ends_of(records)
        with self._guard:
            # Only records polled since this member got the partition, and only forward.
            forward = {
                lane: end
                for lane, end in ends.items()
                if self._finished.get(lane, 0) < end <= self._polled.get(lane, 0)
            }
        if forward and not self._closed:
            self._call(self._commit(forward))
        with self._guard:
            self._finished |= {lane: to for lane, to in forward.items() if lane in self._polled}
            self._in_hand = max(0, self._in_hand - 1) if records else self._in_hand

    def rewind(self) -> None:
        """Go back to the committed positions: uncommitted records are delivered again."""
        if not self._closed:
            self._call(self._rewind())

    def wake(self) -> None:
        """Make a waiting `poll` return at once."""
        self._woken = True

    def rejoin(self) -> None:
        """Request a rebalance of the group."""
        if not self._closed:
            self._call(self._ask_again())

    def close(self) -> None:
        """Leave the group; closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        with self._guard:
            self._polled.clear()
            self._in_hand = 0
        self._call(self._client.stop())

    def _call(self, work: Coroutine[Any, Any, T], timeout: float = CALL_SECONDS) -> T:
        try:
            return self._loop.run(work, timeout)
        except (KafkaError, OSError) as error:
            raise LogUnavailable(f"Kafka: {error!r}") from error

    async def _join(self, group: str) -> AIOKafkaConsumer:
        client = AIOKafkaConsumer(
            **self._cluster.async_options(),
            group_id=self._cluster.group(group),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(lane_assignor(self._cluster),),
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            max_poll_interval_ms=POLL_INTERVAL_MS,
            rebalance_timeout_ms=REBALANCE_MS,
            max_partition_fetch_bytes=PARTITION_BYTES,
        )
        client.subscribe(list(self._names), listener=_listener(self._let_go, self._taken_over))
        try:
            await client.start()
        except BaseException:
            await client.stop()
            raise
        return client

    async def _poll(self, max_records: int, deadline: float) -> Sequence[Record]:
        while not self._woken and not self._closed:
            remaining = deadline - time.monotonic()
            slice_ms = max(0, int(min(remaining, SLICE_SECONDS) * 1_000))
            if self._leaving:
                # Joining may have failed, and continues only after somebody has taken the error.
                coordination_of(self._client).check_errors()
                await asyncio.sleep(slice_ms / 1_000)
            else:
                found = await self._client.getmany(timeout_ms=slice_ms, max_records=max_records)
                if records := self._take(found):
                    return records
            if remaining <= 0:
                break
        self._woken = False
        return []

    def _take(self, found: dict[TopicPartition, Sequence[Any]]) -> Runs:
        runs = []
        with self._guard:
            for lane, some in found.items():
                runs.append(_run(self._names[lane.topic], lane.partition, some))
                self._polled[runs[-1].topic, lane.partition] = some[-1].offset + 1
            self._in_hand += 1 if runs else 0
        return Runs(runs)

    async def _commit(self, reached: dict[Lane, int]) -> None:
        positions = {TopicPartition(self._cluster.topic(topic), p): to for (topic, p), to in reached.items()}
        owned = self._client.assignment()
        try:
            await self._client.commit({lane: to for lane, to in positions.items() if lane in owned})
        except (CommitFailedError, IllegalStateError):
            return  # after a rebalance another member has these partitions, and repeats this work

    async def _rewind(self) -> None:
        # A member whose coordination has ended must join anew: a rewind would leave it without partitions.
        coordination_of(self._client).check_errors()
        with self._guard:
            self._polled.clear()
            self._in_hand = 0
        for lane in self._client.assignment():
            # `seek_to_committed` leaves a partition without a commit where it is, and skips its polled records.
            self._client.seek(lane, await self._client.committed(lane) or 0)

    async def _ask_again(self) -> None:
        ask_again(self._client)

    async def _let_go(self) -> None:
        """Wait until the runner has finished or dropped its batches."""
        with self._guard:
            self._leaving = True
        deadline = time.monotonic() + HAND_OVER_SECONDS
        while self._in_hand and time.monotonic() < deadline:  # noqa: ASYNC110 -- another thread changes it
            await asyncio.sleep(0.01)
        with self._guard:
            self._polled.clear()
            self._finished.clear()
            self._in_hand = 0

    async def _taken_over(self) -> None:
        with self._guard:
            self._leaving = False


def _run(topic: str, partition: int, found: Sequence[Any]) -> Run:
    offsets, values = [each.offset for each in found], [each.value or b"" for each in found]
    return Run(topic, partition, offsets, values, lambda place: record_of(topic, found[place]))


def _listener(
    let_go: Callable[[], Coroutine[Any, Any, None]], taken_over: Callable[[], Coroutine[Any, Any, None]]
) -> Any:
    class Listener(ConsumerRebalanceListener):  # type: ignore[misc,unused-ignore]
        async def on_partitions_revoked(self, revoked: Any) -> None:
            if revoked:
                await let_go()

        async def on_partitions_assigned(self, assigned: Any) -> None:  # noqa: ARG002 -- aiokafka's signature
            await taken_over()

    return Listener()
