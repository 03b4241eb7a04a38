"""Prometheus metrics of the streams: lag, batch times, retries, dead letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

Lags = Callable[[], Mapping[tuple[str, str], int]]
"""Returns how many records each (group, topic) is behind."""

BATCH_SECONDS = "liencap_stream_batch_seconds"
RECORDS = "liencap_stream_records"
RETRIES = "liencap_stream_retries"
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class _LagCollector(Collector):
    """Reads the lag at each scrape, so that it is right even while a runner stands still."""

    def __init__(self, lags: Lags) -> None:
        self._lags = lags

    def describe(self) -> list[GaugeMetricFamily]:
        return [self._family()]

    def collect(self) -> list[GaugeMetricFamily]:
        family = self._family()
        for (group, topic), lag in self._lags().items():
            family.add_metric([group, topic], lag)
        return [family]

    @staticmethod
    def _family() -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "liencap_stream_lag_records", "Records appended and not yet finished", labels=["group", "topic"]
        )


class StreamGauges:
    """The metrics of the streams in the registry of `/metrics`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        lane = ["group", "topic"]
        self._batches = Histogram(
            BATCH_SECONDS,
            "Time from a polled batch to its commit",
            lane,
            registry=registry,
            buckets=_BOUNDS,
        )
        self._records = Counter(RECORDS, "Records finished", lane, registry=registry)
        self._retries = Counter(RETRIES, "Attempts that failed and were repeated", lane, registry=registry)
        self._dead_letters = Counter(
            "liencap_stream_dead_letters", "Records set aside", [*lane, "reason"], registry=registry
        )

    def watch_lags(self, lags: Lags) -> None:
        """Publish the lags that this function returns at each scrape."""
        self._registry.register(_LagCollector(lags))

    def finished(self, group: str, topic: str, *, records: int, seconds: float) -> None:
        """Count a committed batch."""
        self._batches.labels(group, topic).observe(seconds)
        self._records.labels(group, topic).inc(records)

    def retried(self, group: str, topic: str) -> None:
        """Count a failed attempt."""
        self._retries.labels(group, topic).inc()

    def set_aside(self, group: str, topic: str, reason: str) -> None:
        """Count a dead letter."""
        self._dead_letters.labels(group, topic, reason).inc()
