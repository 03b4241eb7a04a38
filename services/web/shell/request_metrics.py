"""Metrics of requests by route: how many were answered, refused or failed, and after how long the answer began."""

from __future__ import annotations

import time
from threading import Lock
from typing import Literal
from weakref import WeakKeyDictionary

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Outcome = Literal["answered", "refused", "failed"]

SECONDS = "liencap_http_request_seconds"
REQUESTS = "liencap_http_requests"
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ELSEWHERE = "(none)"
"""A request that no route took: an unknown address, or a file; addresses themselves would be a label without an end."""
_REFUSED, _FAILED = 400, 500


class RequestGauges:
    """The metrics of requests in the registry of `/metrics`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            SECONDS, "Time until an answer begins", ["route"], registry=registry, buckets=_BOUNDS
        )
        self._requests = Counter(
            REQUESTS, "Requests by how they ended", ["route", "outcome"], registry=registry
        )

    def ended(self, route: str, status: int, seconds: float) -> None:
        """Count a request whose answer began."""
        outcome: Outcome = "failed" if status >= _FAILED else "refused" if status >= _REFUSED else "answered"
        self._seconds.labels(route).observe(seconds)
        self._requests.labels(route, outcome).inc()


_GAUGES: WeakKeyDictionary[CollectorRegistry, RequestGauges] = WeakKeyDictionary()
_MAKING = Lock()


def gauges_of(registry: CollectorRegistry) -> RequestGauges:
    """Return the metrics of requests of a registry: the same ones for every application over it."""
    with _MAKING:
        if registry not in _GAUGES:
            _GAUGES[registry] = RequestGauges(registry)
        return _GAUGES[registry]


class RequestMetrics:
    """Counts every request under the route that took it, never under its address."""

    def __init__(self, app: ASGIApp, gauges: RequestGauges) -> None:
        self._app = app
        self._gauges = gauges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it when its answer begins or it fails without one."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, is_counted = time.perf_counter(), False

        def count(status: int) -> None:
            nonlocal is_counted
            if not is_counted:
                is_counted = True
                self._gauges.ended(_route_of(scope), status, time.perf_counter() - began)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                count(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            count(_FAILED)
            raise


def _route_of(scope: Scope) -> str:
    route = scope.get("route")
    path = getattr(route, "path", "")
    return f"{scope['method']} {path}" if path else _ELSEWHERE
