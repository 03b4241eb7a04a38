"""Heartbeats of the communes' feeds: which units sent something, and how many of their events are still unpublished."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from functools import partial
from importlib.metadata import version

from events.sources import Heartbeat, SourceHeartbeat
from reporting.dated.units import UnitTable
from services.errors import NotReady
from services.store.outbox import Enqueued, OutboxStats, enqueue_all, outbox_stats
from services.store.store import Store


class Heartbeats:
    """Collects the units that sent something, and records one heartbeat for each at every beat.

    A unit is active when its counter synchronises cases, even unchanged ones: so an empty working day of a connected
    commune differs from silence. What a person does, such as reporting a difficulty, leaves the feed as quiet as it is.

    Args:
        waiting: returns what waits to be published; by default all of the outbox.
    """

    def __init__(
        self,
        store: Store,
        units: UnitTable,
        clock: Callable[[], dt.datetime],
        *,
        waiting: Callable[[], OutboxStats] | None = None,
    ) -> None:
        self._store = store
        self._waiting = waiting or partial(outbox_stats, store)
        self._units = units
        self._clock = clock
        self._active: dict[str, dt.datetime] = {}
        self._at_their_end: dict[str, OutboxStats] = {}
        self._lock = threading.Lock()
        self._release = version("liencap")

    def mark_active(self, unit_code: str, at: dt.datetime, *, waiting: OutboxStats | None = None) -> None:
        """Mark a unit as active; cheap, callable from any thread.

        Args:
            waiting: what waits at the unit's own end; by default what waits here.
        """
        with self._lock:
            if waiting is not None:
                self._at_their_end[unit_code] = waiting
            self._active[unit_code] = max(at, self._active.get(unit_code, at))

    def beat(self) -> int:
        """Record one heartbeat for each unit active since the last beat; return how many.

        Raises:
            NotReady: the store does not answer; the active units are kept for the next beat.
        """
        with self._lock:
            active, self._active = self._active, {}
            stated, self._at_their_end = self._at_their_end, {}
        if not active:
            return 0
        try:
            stats = self._waiting()
            told = {unit: stated.get(unit, stats) for unit in active}
            events = [
                self._heartbeat(unit, at, told[unit].depth, told[unit].oldest_at)
                for unit, at in sorted(active.items())
            ]
            with self._store.begin() as conn:
                enqueue_all(conn, [Enqueued(event) for event in events])
        except NotReady:
            for unit, at in active.items():
                self.mark_active(unit, at, waiting=stated.get(unit))  # for the next beat
            raise
        return len(active)

    def _heartbeat(
        self, unit_code: str, at: dt.datetime, depth: int, oldest_at: dt.datetime | None
    ) -> SourceHeartbeat:
        return SourceHeartbeat(
            id=uuid.uuid4(),
            source=f"/vn/{self._units.province_of(unit_code)}/{unit_code}",
            subject=unit_code,
            partition_key=unit_code,
            time=at,
            recorded_at=at,
            data=Heartbeat(
                unit_code=unit_code, outbox_count=depth, oldest_unsent_at=oldest_at, release=self._release
            ),
        )
