"""The distributed runtime: Faust apps with their agents, and the bulk runners as a service inside them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Unpack

import structlog
from faust import App
from mode import Service

from events.log import EventLog
from events.topics import CASES, CASES_BACKFILL, ISSUES
from services.consuming.agents import SESSION_SECONDS, AgentRunner, build_app
from services.consuming.group_watch import End, GroupWatch, end_process
from services.consuming.progress import RunnerHealth
from services.consuming.runner import ThreadRunner
from services.consuming.runtime import Driving, StepRuntime
from services.consuming.step import StreamStep
from services.errors import NotReady
from services.log.kafka_cluster import KafkaCluster

BULK_TOPICS = frozenset({CASES.name, CASES_BACKFILL.name})
"""Topics of volume: they go through runners in threads, ten times faster per event than an agent."""
LEADING_GROUP = "decide"
LEADING_PARTITION = 0
START_SECONDS = 60.0
RETRY_SECONDS = 2.0

_log = structlog.get_logger("streams")


class WorkerRuntime(StepRuntime):
    """Runs every step on each of its topics: per event in Faust agents, in bulk in threads beside them.

    Several workers share the partitions of each group. The owner of the first partition of the group `decide` leads:
    it alone runs the timed jobs for all, and two leaders for a moment do no harm.

    Args:
        cluster: the cluster of the log.
        log: the same log, for dead letters, follow-ups and lags.
        steps: the steps to run.
        end: ends the process when a group is not served.
    """

    def __init__(
        self,
        cluster: KafkaCluster,
        log: EventLog,
        steps: Sequence[StreamStep],
        *,
        end: End = end_process,
        **driving: Unpack[Driving],
    ) -> None:
        super().__init__(log, **driving)
        self._cluster = cluster
        self._apps: dict[str, App] = {}
        self._lanes: list[ThreadRunner] = []
        self._agents: list[AgentRunner] = []
        for step in steps:
            for topic in step.topics:
                if topic in BULK_TOPICS:
                    self._lanes.append(ThreadRunner(log, step, topic, self._options))
                else:
                    if step.group not in self._apps:
                        self._apps[step.group] = build_app(cluster, step.group)
                    app = self._apps[step.group]
                    self._agents.append(AgentRunner(app, cluster, log, step, topic, self._options))
        carriers: list[ThreadRunner | AgentRunner] = [*self._lanes, *self._agents]
        self._follow(carriers)
        self._watch = GroupWatch(cluster, self._apps, carriers, session_seconds=SESSION_SECONDS, end=end)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._bulk: Service | None = None

    @property
    def leads(self) -> bool:
        """Return whether this worker runs the timed jobs for all workers now."""
        app = self._apps.get(LEADING_GROUP)
        if app is None or not app.started:
            return False
        topic = self._cluster.topic(ISSUES.name)
        return any(
            lane.topic == topic and lane.partition == LEADING_PARTITION for lane in app.consumer.assignment()
        )

    def start(self) -> None:
        """Start the apps, the runners inside them, and the timers.

        Raises:
            NotReady: the apps did not start in time.
        """
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faust", daemon=True)
        self._thread.start()
        started: Future[None] = asyncio.run_coroutine_threadsafe(self._start_apps(), self._loop)
        try:
            started.result(START_SECONDS)
        except TimeoutError:
            raise NotReady(
                f"the workers did not join their groups in {START_SECONDS:.0f} s: is Kafka there?"
            ) from None
        self.timers.start()
        self._watch.start()

    def stop(self, timeout: float = 9.0) -> bool:
        """Stop polling, finish or abandon the current batches, leave the groups; return whether all ended in time."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return True
        deadline = time.monotonic() + timeout
        self.timers.stop()
        self._watch.stop()
        for agent in self._agents:
            agent.stop()
        for lane in self._lanes:
            lane.stop()
        ended = self.timers.join(max(0.0, deadline - time.monotonic()))
        stopped: Future[None] = asyncio.run_coroutine_threadsafe(self._stop_apps(), loop)
        try:
            stopped.result(max(0.5, deadline - time.monotonic()))
        except TimeoutError:
            ended = False
        if ended:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(max(0.1, deadline - time.monotonic()))
            if not thread.is_alive():
                loop.close()
                self._loop = self._thread = None
        return ended

    def health(self) -> list[RunnerHealth]:
        """Return the state of every runner and agent; one whose partitions have no owner is `unowned`."""
        errors = self._watch.errors()
        return [
            replace(one, state="unowned", last_error=errors[one.group, one.topic])
            if (one.group, one.topic) in errors and one.state == "running"
            else one
            for one in super().health()
        ]

    async def _start_apps(self) -> None:
        self._bulk = _bulk_service(self._lanes)
        for app in self._apps.values():
            app.loop = self._loop
            app.finalize()
        for app in self._apps.values():
            await app.maybe_start()
        host = next(iter(self._apps.values()), None)
        if host is None:
            await self._bulk.start()
        else:
            await host.add_runtime_dependency(self._bulk)

    async def _stop_apps(self) -> None:
        await asyncio.gather(*(app.stop() for app in self._apps.values()))
        if self._bulk is not None:
            await self._bulk.stop()
        for agent in self._agents:
            await asyncio.to_thread(agent.join)


def _bulk_service(lanes: Sequence[ThreadRunner]) -> Service:
    """Build the service that starts and ends the runners with its app."""

    class BulkRunners(Service):  # type: ignore[misc,unused-ignore]
        async def on_start(self) -> None:
            for lane in lanes:
                lane.start()

        async def on_stop(self) -> None:
            for lane in lanes:
                lane.stop()
            await asyncio.gather(*(asyncio.to_thread(lane.join, 8.0) for lane in lanes))

    return BulkRunners()
