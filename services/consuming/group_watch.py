"""End a worker that no longer serves its groups, so that its supervisor starts another."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import structlog

from services.consuming.ownership import OwnershipWatch
from services.consuming.runner import StepRunner
from services.log.kafka import KafkaLog
from services.log.kafka_cluster import KafkaCluster

if TYPE_CHECKING:
    from faust import App

LOOK_SECONDS = 5.0
EXIT_UNSERVED = 71
"""Exit code where a group has waiting records and no owner, or its member has ended."""

End = Callable[[str], None]
_log = structlog.get_logger("streams")


def end_process(sentence: str) -> None:
    """End the process at once; uncommitted records are delivered again."""
    _log.critical("a group is not served, the process ends", reason=sentence)
    os._exit(EXIT_UNSERVED)


class GroupWatch:
    """A thread that checks the groups of one worker.

    It uses a log client of its own, so that neither it nor any runner waits for the other.
    """

    def __init__(
        self,
        cluster: KafkaCluster,
        apps: Mapping[str, App],
        carriers: Sequence[StepRunner],
        *,
        session_seconds: float,
        end: End = end_process,
    ) -> None:
        self._apps = apps
        self._carriers = carriers
        self._end = end
        self._log = KafkaLog(cluster)
        self._owners = OwnershipWatch(
            self._log,
            [(carrier.group, carrier.topic) for carrier in carriers],
            session_seconds=session_seconds,
            monotonic=time.monotonic,
            rejoin=self._rejoin,
            end=end,
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="group-watch", daemon=True)

    def start(self) -> None:
        """Start checking."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, without waiting for a pending request."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(0.5)

    def errors(self) -> dict[tuple[str, str], str]:
        """Return the partitions that had no owner for too long, as sentences."""
        return self._owners.errors()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._look_at_members()
                self._owners.look()
            except Exception:  # noqa: BLE001 -- what nobody foresaw in the watch is no fault of the groups
                _log.exception("the watch over the groups failed")
        self._log.close()

    def _look_at_members(self) -> None:
        for group, app in self._apps.items():
            if app.crashed and not self._stopping.is_set():
                self._end(f"the member of group {group} has died of {app.crash_reason!r}")

    def _rejoin(self, group: str) -> None:
        _log.warning("group.joins_again", group=group, reason="partitions without an owner")
        for carrier in self._carriers:
            if carrier.group == group:
                carrier.rejoin()
