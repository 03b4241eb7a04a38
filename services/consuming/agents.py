"""Faust agents that pass the records of one topic to one step, in the one pattern that loses nothing.

Faust acknowledges failed events: an exception in an agent loses its event, `take` loses more, and with several events
in work the committed position skips the slow one. So an agent here takes raw values, never several at once,
acknowledges by hand after the step's work is durable, retries a passing error in place, and never raises: an unforeseen
error ends the process, the supervisor starts another, and Kafka delivers the unacknowledged events again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import faust
import structlog

from events.log import EventLog
from events.topics import topic_named
from services.consuming.causes import cause_of
from services.consuming.delivery import Abandoned
from services.consuming.membership import member_transport
from services.consuming.runner import RunnerOptions, StepRunner
from services.consuming.step import StreamStep
from services.log.kafka_assigning import agent_assignor
from services.log.kafka_cluster import KafkaCluster
from services.log.kafka_reader import record_of

SESSION_SECONDS = 10
HEARTBEAT_SECONDS = 1
COMMIT_SECONDS = 1.0
EXIT_UNFORESEEN = 70
"""Exit code after an unforeseen error of an agent."""

_log = structlog.get_logger("streams")


def build_app(cluster: KafkaCluster, group: str) -> faust.App:
    """Build the Faust app of one consumer group, without tables, declared topics or a web server."""
    app = faust.App(
        cluster.group(group),
        **cluster.faust_options(),
        autodiscover=False,
        processing_guarantee="at_least_once",
        store="memory://",
        # Nothing is stored there, but Faust creates the folder, by default in the working directory.
        datadir=Path(tempfile.gettempdir(), "liencap-faust"),
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
        broker_commit_interval=COMMIT_SECONDS,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_request_timeout=3 * SESSION_SECONDS,
        producer_compression_type="lz4",
        worker_redirect_stdouts=False,
        PartitionAssignor=agent_assignor(cluster),
    )
    app.transport = member_transport(app)
    return app


class AgentRunner(StepRunner):
    """One step on one topic, fed by an agent of the Faust app of the step's group."""

    def __init__(
        self,
        app: faust.App,
        cluster: KafkaCluster,
        log: EventLog,
        step: StreamStep,
        topic: str,
        options: RunnerOptions,
    ) -> None:
        super().__init__(log, step, topic_named(topic).name, options)
        self._app = app
        # One thread: the engine's clients are kept per thread, and the batches of a step are sequential.
        self._thread = ThreadPoolExecutor(1, f"{self.group}:{self.topic}")
        source = app.topic(cluster.topic(topic), key_serializer="raw", value_serializer="raw")
        app.agent(source, name=f"{self.group}-{self.topic}", concurrency=1)(self._consume)

    def rejoin(self) -> None:
        """Request a rebalance of the group."""
        self._app.consumer.rejoin()

    def join(self) -> None:
        """Wait for the current batch."""
        self._thread.shutdown(wait=True)

    async def _consume(self, stream: Any) -> None:
        """Take the arrived events as one batch, whenever the previous batch is finished."""
        self.status.state = "running"
        self._delivery.reset()
        arrived: asyncio.Queue[Any] = asyncio.Queue(2 * self._max_records)
        feeding = asyncio.create_task(_feed(stream, arrived))
        try:
            while not self._stopping.is_set() and self._delivery.stop_reason is None:
                if batch := await self._next_batch(arrived, feeding):
                    await self._carry(batch)
            self.status.state = "stopped"
            self._options.progressed()
            await asyncio.Event().wait()  # keep unacknowledged events until the app ends
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 -- an agent that raises loses its event
            _log.critical(
                "agent failed, the process ends", group=self.group, topic=self.topic, exc_info=error
            )
            os._exit(EXIT_UNFORESEEN)
        finally:
            feeding.cancel()
            self.status.state = "stopped"
            self._options.progressed()

    async def _next_batch(self, arrived: asyncio.Queue[Any], feeding: asyncio.Task[None]) -> list[Any]:
        """Wait for the first event and take all events that have arrived behind it."""
        first = asyncio.create_task(arrived.get())
        done, _ = await asyncio.wait({first, feeding}, return_when=asyncio.FIRST_COMPLETED)
        if feeding in done:
            first.cancel()
            feeding.result()  # raises its error; a stream without an error was stopped by the app
            await asyncio.Event().wait()
        batch = [first.result()]
        while len(batch) < self._max_records and not arrived.empty():
            batch.append(arrived.get_nowait())
        return batch

    async def _carry(self, events: Sequence[Any]) -> None:
        """Process a batch with as many retries as needed, and acknowledge the finished records."""
        records = [record_of(self.topic, event.message) for event in events]
        started, attempt = time.monotonic(), 0
        while not self._stopping.is_set():
            work = asyncio.get_running_loop().run_in_executor(
                self._thread, lambda: self._delivery.carry(self._delivery.read(records))
            )
            try:
                finished = await _to_its_end(work)
            except Abandoned:
                return
            except Exception as error:  # noqa: BLE001 -- shown in health and logged; nothing was acknowledged
                self.status.failed(error)
                _log.warning("batch will be repeated", group=self.group, topic=self.topic, **cause_of(error))
                await asyncio.sleep(self._options.backoff.seconds(attempt))
                attempt += 1
                continue
            for event in events[: len(finished)]:
                event.ack()
            self.status.last_error = self._delivery.stop_reason
            self._note_batch(len(finished), time.monotonic() - started)
            return


async def _feed(stream: Any, arrived: asyncio.Queue[Any]) -> None:
    async for event in stream.noack().events():
        await arrived.put(event)


async def _to_its_end(work: asyncio.Future[Any]) -> Any:
    """Wait for work in a thread, also after a cancellation, because a thread cannot be cancelled."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await work
        raise
