"""Signs of life of the communes' feeds: which units were heard from, and how much of theirs is still unsent."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from importlib.metadata import version

from events.sources import Heartbeat, SourceHeartbeat
from reporting.dated.units import UnitTable
from services.errors import NotReady
from services.store.outbox import Enqueued, enqueue_all, outbox_stats
from services.store.store import Store


class Heartbeats:
    """Collect who was heard, and say so at each beat; one beat per unit, however often it was heard.

    A unit is heard when its counter synchronises cases, even unchanged ones, or reports a difficulty: an empty
    working day of a connected commune is then told from silence.
    """

    def __init__(self, store: Store, units: UnitTable, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._units = units
        self._clock = clock
        self._heard: dict[str, dt.datetime] = {}
        self._lock = threading.Lock()
        self._release = version("liencap")

    def hear(self, unit_code: str, at: dt.datetime) -> None:
        """Note that a unit was heard; cheap, any thread."""
        with self._lock:
            self._heard[unit_code] = max(at, self._heard.get(unit_code, at))

    def beat(self) -> int:
        """Record one heartbeat for each unit heard since the last beat; return how many.

        Raises:
            NotReady: the store does not answer; who was heard is kept for the next beat.
        """
        with self._lock:
            heard, self._heard = self._heard, {}
        if not heard:
            return 0
        try:
            stats = outbox_stats(self._store)
            events = [
                self._heartbeat(unit, at, stats.depth, stats.oldest_at) for unit, at in sorted(heard.items())
            ]
            with self._store.begin() as conn:
                enqueue_all(conn, [Enqueued(event) for event in events])
        except NotReady:
            for unit, at in heard.items():
                self.hear(unit, at)  # said at the next beat
            raise
        return len(heard)

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
