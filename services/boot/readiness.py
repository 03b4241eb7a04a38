"""Readiness of one process: named checks for `/readyz`, and the outbox in `/metrics`."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from services.errors import NotReady
from services.store.outbox import outbox_stats
from services.warehouse.connection import in_process
from services.warehouse.damage import damaged_parts, remedy

if TYPE_CHECKING:
    from services.consuming.progress import RunnerHealth
    from services.store.outbox import Relay
    from services.store.store import Store
    from services.warehouse.client import Warehouse

Check = Callable[[], str | None]

TABLES_SECONDS = 6 * 3_600.0
"""Seconds between two comparisons: they read the whole engine."""

_log = structlog.get_logger("engine")


def intake_checks(store: Store, relay: Relay) -> dict[str, Check]:
    """Return the checks of the intake: store and relay."""

    def store_answers() -> str | None:
        return _sentence(lambda: outbox_stats(store))

    def relay_runs() -> str | None:
        return None if relay.alive else "nothing publishes the outbox; see the log for the relay's last error"

    return {"store": store_answers, "relay": relay_runs}


def warehouse_checks(warehouse: Warehouse) -> dict[str, Check]:
    """Return the checks of reading figures and issues; tables are looked at where the engine is in this process."""
    checks: dict[str, Check] = {"engine": lambda: _sentence(warehouse.clock)}
    return checks | {"tables": _TableCheck(warehouse)} if in_process(warehouse.dsn) else checks


class _TableCheck:
    """Compares all files of the engine with their checksums from time to time, in a thread of its own."""

    def __init__(self, warehouse: Warehouse, every_seconds: float = TABLES_SECONDS) -> None:
        self._warehouse = warehouse
        self._every = every_seconds
        self._next_at = time.monotonic() + every_seconds
        self._sentence: str | None = None
        self._lock = threading.Lock()

    def __call__(self) -> str | None:
        """Return what the latest comparison found, and begin the next one where it is due."""
        with self._lock:
            if time.monotonic() >= self._next_at:
                self._next_at = time.monotonic() + self._every
                threading.Thread(target=self._look, name="tables", daemon=True).start()
        return self._sentence

    def _look(self) -> None:
        try:
            found = damaged_parts(self._warehouse)
        except Exception as error:  # noqa: BLE001 -- the check of the engine names it
            _log.warning("tables.unchecked", reason=str(error))
            return
        self._sentence = (
            f"{len(found)} damaged parts, first {found[0]}; {remedy(self._warehouse)}" if found else None
        )


def stream_checks(health: Callable[[], Sequence[RunnerHealth]]) -> dict[str, Check]:
    """Return the checks of the streams."""

    def streams_run() -> str | None:
        lanes = health()
        troubled = [
            f"{lane.group} on {lane.topic}: {lane.last_error or lane.state}"
            for lane in lanes
            if lane.state != "running"
        ]
        if lanes and all(lane.lag is None for lane in lanes):
            troubled.append("the log does not answer; the streams go on by themselves when it does")
        return "; ".join(troubled) or None

    return {"streams": streams_run}


def _sentence(ask: Callable[[], object]) -> str | None:
    try:
        ask()
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with the part is the answer
        return str(error) or type(error).__name__
    return None


class OutboxCollector(Collector):
    """Collects how many rows wait in the outbox, for how long, and how many were set aside locally."""

    def __init__(self, registry: CollectorRegistry, store: Store, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._clock = clock
        registry.register(self)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return the names of the metrics without reading the store."""
        return _families(0, 0.0, 0)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the measured outbox; nothing while the store does not answer, which `/readyz` shows."""
        try:
            stats = outbox_stats(self._store)
        except NotReady:
            return []
        age = (self._clock() - stats.oldest_at).total_seconds() if stats.oldest_at else 0.0
        return _families(stats.depth, age, stats.set_aside_count)


def _families(depth: int, age: float, aside: int) -> list[GaugeMetricFamily]:
    return [
        GaugeMetricFamily("liencap_outbox_events", "Events recorded and not yet in the log.", depth),
        GaugeMetricFamily("liencap_outbox_oldest_seconds", "Age of the oldest of them.", age),
        GaugeMetricFamily("liencap_outbox_set_aside_events", "Events that the log can never take.", aside),
    ]
